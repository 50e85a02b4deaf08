import type { AbsolutePath } from "../base/path.ts";
import type { Cache } from "../cache/cache.ts";
import type { HashMemo } from "../fingerprint/hash-memo.ts";
import type { LinkedPlace } from "../observe/detours.ts";
import type { FindProgram } from "../plan/program.ts";
import type { StepTrace } from "../trace/step-trace.ts";
import type { Emit } from "./event.ts";
import type { RunLog } from "./run-log.ts";
import type { LogMode } from "./stdio.ts";

/** Tracing, or why there is none. */
export type TracingStart =
  | { readonly kind: "tracing"; readonly trace: StepTrace }
  | { readonly kind: "unavailable"; readonly detail: string };

/** What all steps of one run share. */
export type Session = {
  readonly root: AbsolutePath;
  readonly cache: Cache;
  /** Operating system, architecture, libc. */
  readonly platform: string;
  readonly emit: Emit;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly findProgram: FindProgram;
  /** Begins to trace one step; the library is loaded when the first step needs it. */
  readonly beginTrace: () => TracingStart;
  readonly logMode: LogMode;
  readonly hasTerminal: boolean;
  /** Whether every change of a file gets a time of its own; found out when first asked. */
  readonly isClockFine: () => boolean;
  /** Packages from elsewhere that are linked into the workspace; found when first asked for. */
  readonly linkedPlaces: () => readonly LinkedPlace[];
  /** Directories outside the workspace that any step may write to. */
  readonly scratch: readonly AbsolutePath[];
  readonly hashes: HashMemo;
  /** Who has written what so far. */
  readonly log: RunLog;
};
