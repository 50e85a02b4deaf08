import { mkdtempSync, rmSync } from "node:fs";
import type { Environment } from "../base/host.ts";
import { type AbsolutePath, absolutePath, diskPath, resolvePath } from "../base/path.ts";
import { placeClient } from "../ipc/client-file.ts";
import { ToolServer } from "../ipc/server.ts";
import type { ToolEnvironment } from "../ipc/tool-environment.ts";
import { guardDirectory } from "../native/guardian.ts";

/** A place for one step's tools to talk to vt. */
export type ToolChannel = {
  readonly server: ToolServer;
  /** What the step's process gets to find it by. */
  readonly variables: Readonly<Record<string, string>>;
};

/** The name of a Unix socket has this many bytes at most, its NUL included. */
const socketNameBytesMax = 108;

/** The channels of one run. What they have in common is set up with the first, since most runs need none. */
export class ToolChannels implements Disposable {
  readonly #environment: Environment;
  readonly #left = new DisposableStack();
  #common: { readonly directory: AbsolutePath; readonly client: AbsolutePath } | undefined;
  #count = 0;

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  /**
   * Opens a channel for a step that is about to run; where that cannot be done, says why. What goes wrong
   * on it later is told to `onProblem`.
   */
  open(
    toolEnvironment: ToolEnvironment,
    onProblem: (problem: string) => void,
  ): ToolChannel | string {
    try {
      this.#common ??= this.#prepare();
      const { directory, client } = this.#common;
      this.#count += 1;
      const endpoint = resolvePath(directory, `${this.#count}.sock`);
      const server = new ToolServer(endpoint, toolEnvironment, onProblem);
      return {
        server,
        variables: { VP_RUN_IPC_NAME: endpoint, VP_RUN_NODE_CLIENT_PATH: client },
      };
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      return `no channel could be opened: ${error.message}`;
    }
  }

  [Symbol.dispose](): void {
    this.#left.dispose();
  }

  #prepare(): { readonly directory: AbsolutePath; readonly client: AbsolutePath } {
    const client = placeClient(this.#environment);
    const directory = privateDirectory(this.#environment);
    this.#left.use(guardDirectory(directory));
    this.#left.defer(() => rmSync(diskPath(directory), { recursive: true, force: true }));
    return { client, directory };
  }
}

/** Only its owner may look into it; as short as the name of a socket has to be. */
function privateDirectory({ TMPDIR, XDG_RUNTIME_DIR }: Environment): AbsolutePath {
  const longest = "/vt-tools-XXXXXX/1000000.sock";
  const place = [TMPDIR, XDG_RUNTIME_DIR].find(
    (candidate) =>
      candidate?.startsWith("/") &&
      Buffer.byteLength(candidate) + longest.length < socketNameBytesMax,
  );
  return absolutePath(mkdtempSync(`${place ?? "/tmp"}/vt-tools-`));
}
