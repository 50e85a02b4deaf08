import { mkdtempSync, rmSync } from "node:fs";
import { errnoOf } from "../base/file.ts";
import type { Environment } from "../base/host.ts";
import {
  type AbsolutePath,
  absolutePath,
  directoryOf,
  diskPath,
  isAbsolutePath,
  resolvePath,
} from "../base/path.ts";
import { placeClient } from "../ipc/client-file.ts";
import { ToolServer } from "../ipc/server.ts";
import type { ToolEnvironment } from "../ipc/tool-environment.ts";
import { guardDirectory } from "../native/guardian.ts";
import { type NativeLibrary, nativeLibrary } from "../native/library.ts";
import { ownDirectories } from "../native/own-file.ts";

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
    const directory = privateDirectory(this.#environment);
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

/**
 * Only its owner may look into it; as short as the name of a socket has to be. Throws where nothing can be
 * written.
 */
function privateDirectory({ TMPDIR, XDG_RUNTIME_DIR }: Environment): AbsolutePath {
  const longest = "/vt-tools-XXXXXX/1000000.sock";
  // In memory rather than on a disk, where it takes several times as long to make and to remove one.
  for (const place of [TMPDIR, XDG_RUNTIME_DIR, "/dev/shm", "/tmp", "/var/tmp"]) {
    const isShort =
      isAbsolutePath(place) && Buffer.byteLength(place) + longest.length < socketNameBytesMax;
    if (!isShort) continue;
    try {
      return absolutePath(mkdtempSync(`${place}/vt-tools-`));
    } catch (error) {
      if (errnoOf(error) === undefined) throw error; // Else it is missing, full or not ours: the next may do.
    }
  }
  throw new Error("no directory for temporary files can be written to: set TMPDIR to one");
}
