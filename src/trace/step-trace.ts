import { assert } from "../base/assert.ts";
import { removeIfPresent } from "../base/file.ts";
import type { AbsolutePath } from "../base/path.ts";
import { copyMemory, type NativeLibrary, type NativePointer } from "../native/library.ts";
import { nativeText } from "../native/text.ts";
import type { IncompleteReason, Trace } from "./access.ts";
import { decodeTrace } from "./decode.ts";
import { headerBytes } from "./layout.ts";
import { findSurvivors, type Survivor, startsNow, ticksNow } from "./survivors.ts";
import type { TraceMode } from "./trace-mode.ts";

/** A program that is to be run under the tracer. */
export type TracedCommand = {
  readonly program: AbsolutePath;
  /** argv[0]. */
  readonly name: string;
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
};

/** What to run in its place. */
export type Launch = {
  readonly executable: AbsolutePath;
  readonly argv0: string;
  readonly args: readonly string[];
  readonly environment: Record<string, string>;
};

export type StepTraceOptions = {
  readonly library: NativeLibrary;
  readonly mode: TraceMode;
  /** A file that does not exist yet, in a private directory. No colon in its path. */
  readonly channel: AbsolutePath;
  /** The workspace under each of its names, four at most. Looks count below these. */
  readonly roots: readonly AbsolutePath[];
  /** Bytes that the records may take; storage is only taken for what is written. */
  readonly channelBytesMax: number;
  /** Why the mode is less than what was asked for. */
  readonly refused: IncompleteReason | undefined;
  /** What `startsNow` said at any time before. */
  readonly starts: number;
  readonly onClose: () => void;
};

/** Trace of one step; several may be open at once. */
export class StepTrace implements Disposable {
  readonly #options: StepTraceOptions;
  readonly #channels: string;
  readonly #socketName: string;
  readonly #ticks = ticksNow();
  #starts: number;
  /** How the first process was started: all that come from it inherit a filter. */
  #start: "plain" | "filtered" = "plain";
  #step: NativePointer | undefined;

  constructor(options: StepTraceOptions) {
    this.#options = options;
    this.#starts = options.starts;
    const calls = options.library.tracing();
    const outer = calls.vt_outer_channels()?.toString() ?? "";
    this.#channels = outer === "" ? options.channel : `${options.channel}:${outer}`;
    this.#socketName = options.mode === "preload" ? "" : `vt-${Bun.randomUUIDv7()}`;
    const roots = options.roots.map((root) => `${root}\n`).join("");
    const made = calls.vt_channel_make(
      nativeText(options.channel),
      nativeText(roots),
      options.channelBytesMax,
    );
    check(made, "make a trace channel");
    const place = new BigUint64Array(1);
    const [channels, socket] = [nativeText(this.#channels), nativeText(this.#socketName)];
    check(
      calls.vt_step_open(channels, socket, nativeText(options.library.path), place),
      "start the tracer",
    );
    this.#step = Number(place[0]) as NativePointer;
  }

  /** What to run in place of a command, so that it is traced. Its arguments stay as they are. */
  launch(command: TracedCommand): Launch {
    const { library, mode } = this.#options;
    const {
      LD_PRELOAD: preloaded,
      LD_LIBRARY_PATH: libraries = "",
      ASAN_OPTIONS: sanitizer,
    } = command.environment;
    const environment = {
      ...command.environment,
      // The user's own libraries stay first.
      LD_PRELOAD: preloaded ? `${preloaded}:${library.path}` : library.path,
      // The sanitizer would refuse to come second.
      ASAN_OPTIONS: `${sanitizer ? `${sanitizer}:` : ""}verify_asan_link_order=0`,
      VT_CHANNEL: this.#channels,
      VT_LIBRARY: library.path,
      // Given in any case: an outer vt's must not be taken for it.
      VT_TRACE_SOCKET: this.#socketName,
    };
    const { name: argv0, args, program } = command;
    if (mode !== "full") {
      const calls = library.tracing();
      const shouldFilter =
        calls.vt_step_execute(this.#opened(), nativeText(program), nativeText(libraries)) === 1;
      if (!shouldFilter) {
        // Its processes will have to be looked for; of those under a filter it is known whether any is left.
        this.#starts = startsNow();
        return { executable: program, argv0, args, environment };
      }
    }
    this.#start = "filtered";
    // The library is its own launcher: it enters the filter, then becomes the program.
    return {
      executable: library.path,
      argv0,
      args,
      environment: { ...environment, VT_EXEC: program },
    };
  }

  /** Processes of the step that are still alive, after its first process, `firstPid`, has ended. */
  survivors(firstPid: number): readonly Survivor[] {
    const step = this.#opened();
    const { library, channel } = this.#options;
    const begun = { ticks: this.#ticks, starts: this.#starts };
    return findSurvivors({ channel, firstPid, begun }, () => {
      const counters = new BigUint64Array(3);
      library.tracing().vt_step_counters(step, counters);
      const [, listeners = 0n, active = 0n] = counters;
      return { active: Number(active), isEveryone: this.#start === "filtered" && listeners > 0n };
    });
  }

  /** Everything that was recorded so far. What is written later by survivors is ignored. */
  collect(): Trace {
    const { library, refused } = this.#options;
    const extent = new BigUint64Array(3);
    library.tracing().vt_step_extent(this.#opened(), extent);
    const [channel = 0, records = 0, end = 0] = [...extent].map(Number);
    const trace = decodeTrace({
      header: copyMemory(channel, headerBytes),
      records: copyMemory(records, end - records),
    });
    // Without a filter a trace is as good as any, unless it met a program that needed one.
    const didMiss = trace.incomplete.some(({ kind }) => kind === "untraced-program");
    return refused && didMiss ? { ...trace, incomplete: [refused, ...trace.incomplete] } : trace;
  }

  /** Stops recording. Processes that are left go on undisturbed. */
  [Symbol.dispose](): void {
    if (this.#step === undefined) return;
    this.#options.library.tracing().vt_step_close(this.#step);
    this.#step = undefined;
    removeIfPresent(this.#options.channel);
    this.#options.onClose();
  }

  #opened(): NativePointer {
    assert(this.#step !== undefined, "the trace is open");
    return this.#step;
  }
}

/** As C reads it. */
function check(result: number, what: string): void {
  if (result < 0) throw new Error(`cannot ${what}: error ${-result}`);
}
