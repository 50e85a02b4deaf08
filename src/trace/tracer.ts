import { assert } from "../base/assert.ts";
import { type AbsolutePath, resolvePath } from "../base/path.ts";
import type { NativeLibrary } from "../native/library.ts";
import type { IncompleteReason } from "./access.ts";
import { filterRefused } from "./decode.ts";
import { StepTrace } from "./step-trace.ts";
import { startsNow } from "./survivors.ts";
import type { TraceMode } from "./trace-mode.ts";

/** `VT_ROOTS_MAX` of `native/vt.h`. */
export const tracedRootsMax = 4;

export type TracerOptions = {
  readonly library: NativeLibrary;
  readonly mode: TraceMode;
  /** For the channels: private to this user, without a colon in its path. */
  readonly directory: AbsolutePath;
  /** The workspace under each of its names, four at most. Looks count below these. */
  readonly roots: readonly AbsolutePath[];
  /** Instead of the usual `channelBytesMax`. */
  readonly channelBytesMax?: number;
};

/** Bytes that a step's records may take: a million records. */
export const channelBytesMax = 128 * 1024 * 1024;

/** Traces the steps of one run. */
export class Tracer implements Disposable {
  readonly #options: TracerOptions;
  readonly #mode: TraceMode;
  readonly #refused: IncompleteReason | undefined;
  readonly #open = new Set<StepTrace>();
  readonly #starts = startsNow();
  #count = 0;

  private constructor(options: TracerOptions, filterError: number) {
    this.#options = options;
    this.#mode = filterError === 0 ? options.mode : "preload";
    this.#refused = filterError === 0 ? undefined : filterRefused(filterError);
  }

  /** Finds out what the kernel allows: where there is no filter to be had, the mode becomes `preload`. */
  static open(options: TracerOptions): Tracer {
    assert(!options.directory.includes(":"), "a channel's path is part of a list");
    const error = options.mode === "preload" ? 0 : options.library.tracing().vt_filter_check();
    return new Tracer(options, error);
  }

  /** A trace for one step that is about to run. Throws when the system has no room for one. */
  begin(): StepTrace {
    this.#count += 1;
    const { library, roots, directory } = this.#options;
    const trace = new StepTrace({
      library,
      roots,
      channelBytesMax: this.#options.channelBytesMax ?? channelBytesMax,
      mode: this.#mode,
      refused: this.#refused,
      channel: resolvePath(directory, `${this.#count}.trace`),
      starts: this.#starts,
      onClose: () => this.#open.delete(trace),
    });
    this.#open.add(trace);
    return trace;
  }

  [Symbol.dispose](): void {
    for (const trace of this.#open) trace[Symbol.dispose]();
  }
}
