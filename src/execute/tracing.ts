import { existsSync, mkdtempSync, realpathSync, rmSync, statfsSync } from "node:fs";
import { errnoOf } from "../base/file.ts";
import type { Environment } from "../base/host.ts";
import {
  type AbsolutePath,
  absolutePath,
  diskPath,
  isAbsolutePath,
  toWorkspacePath,
} from "../base/path.ts";
import type { GitPlace } from "../fingerprint/git-state.ts";
import { guardDirectory } from "../native/guardian.ts";
import { nativeLibrary } from "../native/library.ts";
import type { LinkedPlace } from "../observe/context.ts";
import { channelBytesMax, Tracer, tracedRootsMax } from "../trace/tracer.ts";
import { coveringDirectories } from "./linked-places.ts";
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
    const directory = privateDirectory(environment);
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

/** Only its owner may look into it. Throws where nothing can be written. */
function privateDirectory({ XDG_RUNTIME_DIR, TMPDIR }: Environment): AbsolutePath {
  const inMemory = hasRoom(memory) ? [memory] : [];
  const places = [XDG_RUNTIME_DIR, TMPDIR, ...inMemory, "/tmp", "/var/tmp", memory];
  for (const place of places) {
    // A channel's path is part of a list with colons between.
    if (!isAbsolutePath(place) || place.includes(":")) continue;
    try {
      // The kernel resolves links in the path of whoever opens it; ours must be the same everywhere.
      return absolutePath(mkdtempSync(`${realpathSync(place)}/vt-`));
    } catch (error) {
      if (errnoOf(error) === undefined) throw error; // Else it is missing, full or not ours: the next may do.
    }
  }
  throw new Error("no directory for temporary files can be written to: set TMPDIR to one");
}

/** A file is made here, and removed, in a fraction of the time that it takes on a disk; a step makes one. */
const memory = "/dev/shm";

/** Containers often have little of it, and several steps that touch a million paths must find room there. */
const roomBytesMin = 8 * channelBytesMax;
const roomFilesMin = 1000;

function hasRoom(place: string): boolean {
  try {
    const { bavail, bsize, files, ffree } = statfsSync(place);
    // Some file systems do not count their files.
    return bavail * bsize >= roomBytesMin && (files === 0 || ffree >= roomFilesMin);
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return false;
  }
}
