import { rmSync } from "node:fs";
import type { Environment } from "../base/host.ts";
import { type AbsolutePath, directoryOf, diskPath, resolvePath } from "../base/path.ts";
import { placeClient } from "../ipc/client-file.ts";
import { ToolServer } from "../ipc/server.ts";
import type { ToolEnvironment } from "../ipc/tool-environment.ts";
import { guardDirectory } from "../native/guardian.ts";
import { type NativeLibrary, nativeLibrary } from "../native/library.ts";
import { ownDirectories } from "../native/own-file.ts";
import { makePrivateDirectory } from "./private-directory.ts";

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
   * on it later is told to `onProblem`. Undefined where tools have nothing to talk with, since there is no
   * native code for them: they run as without vt.
   */
  open(
    toolEnvironment: ToolEnvironment,
    onProblem: (problem: string) => void,
  ): ToolChannel | string | undefined {
    const library = nativeLibrary();
    if (typeof library === "string") return undefined;
    try {
      this.#common ??= this.#prepare(library);
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

  #prepare(library: NativeLibrary): {
    readonly directory: AbsolutePath;
    readonly client: AbsolutePath;
  } {
    const client = placeClient(clientDirectories(library, this.#environment));
    const directory = socketDirectory(this.#environment);
    this.#left.use(guardDirectory(directory));
    this.#left.defer(() => rmSync(diskPath(directory), { recursive: true, force: true }));
    return { client, directory };
  }
}

/** From the one on that the library could be loaded from: from those before, the client's own cannot be, either. */
function clientDirectories({ path }: NativeLibrary, environment: Environment): AbsolutePath[] {
  const directories = ownDirectories(environment);
  return directories.slice(Math.max(0, directories.indexOf(directoryOf(path))));
}

const prefix = "vt-tools-";

function socketDirectory(environment: Environment): AbsolutePath {
  const longest = `/${prefix}XXXXXX/1000000.sock`;
  return makePrivateDirectory(environment, {
    prefix,
    roomBytes: 0,
    canHold: (place) => Buffer.byteLength(place) + longest.length < socketNameBytesMax,
  });
}
