import { existsSync, rmSync } from "node:fs";
import type { Environment } from "../base/host.ts";
import { type AbsolutePath, diskPath, toWorkspacePath } from "../base/path.ts";
import type { GitPlace } from "../fingerprint/git-state.ts";
import { guardDirectory } from "../native/guardian.ts";
import { nativeLibrary } from "../native/library.ts";
import type { LinkedPlace } from "../observe/context.ts";
import { channelBytesMax, Tracer, tracedRootsMax } from "../trace/tracer.ts";
import { coveringDirectories } from "./linked-places.ts";
import { makePrivateDirectory } from "./private-directory.ts";
import type { TracingStart } from "./session.ts";
import { wantedTraceMode } from "./wanted-trace-mode.ts";

export type TracingOptions = {
  readonly root: AbsolutePath;
  readonly environment: Environment;
  readonly git: () => GitPlace | undefined;
  /** See `Session`. */
  readonly around: () => AbsolutePath | undefined;
  readonly linkedPlaces: () => readonly LinkedPlace[];
};

/** The tracer of one run. It is set up when the first step needs it, since most runs need none. */
export class Tracing implements Disposable {
  readonly #options: TracingOptions;
  readonly #left = new DisposableStack();
  #state: Tracer | string | undefined;

  constructor(options: TracingOptions) {
    this.#options = options;
  }

  /** Begins to trace one step; where that cannot be done, says why. */
  begin(): TracingStart {
    try {
      this.#state ??= this.#open();
      if (typeof this.#state === "string") return { kind: "unavailable", detail: this.#state };
      return { kind: "tracing", trace: this.#state.begin() };
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      return { kind: "unavailable", detail: error.message };
    }
  }

  [Symbol.dispose](): void {
    this.#left.dispose();
  }

  #open(): Tracer | string {
    const { root, environment } = this.#options;
    const mode = wantedTraceMode(environment);
    if (mode === "off") return "VT_TRACE is off";
    const library = nativeLibrary();
    if (typeof library === "string") return library;
    if (!existsSync("/proc/self")) return "/proc is not mounted";
    const directory = channelDirectory(environment);
    this.#left.use(guardDirectory(directory));
    this.#left.defer(() => rmSync(diskPath(directory), { recursive: true, force: true }));
    const linked = this.#options.linkedPlaces().map(({ target }) => target);
    const git = this.#options.git();
    const elsewhere = [
      ...linked,
      ...(git === undefined ? [] : [git.directory, git.common]),
      ...[this.#options.around()].filter((place) => place !== undefined),
    ].filter((place) => toWorkspacePath(root, place) === undefined);
    return this.#left.use(
      Tracer.open({
        library,
        mode,
        directory,
        roots: [root, ...coveringDirectories(elsewhere, tracedRootsMax - 1)],
      }),
    );
  }
}

/** Several steps that touch a million paths must find room. */
const roomBytesMin = 8 * channelBytesMax;

function channelDirectory(environment: Environment): AbsolutePath {
  return makePrivateDirectory(environment, {
    prefix: "vt-",
    roomBytes: roomBytesMin,
    // A channel's path is part of a list with colons between.
    canHold: (place) => !place.includes(":"),
  });
}
