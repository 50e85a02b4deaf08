import type { MissReason } from "../cache/miss.ts";
import type { SkipReason } from "../cache/skip.ts";
import type { CacheOffReason, ExecutionGraph, Step } from "../plan/step.ts";
import type { ToolSummary } from "./tool-summary.ts";
import type { WaitNotice } from "./waits.ts";

/** What the cache said before a step was run, or was not. */
export type CacheStatus =
  | { readonly kind: "hit" }
  | { readonly kind: "miss"; readonly reason: MissReason }
  | { readonly kind: "off"; readonly reason: CacheOffReason };

export type StoreResult =
  | { readonly kind: "stored" }
  | { readonly kind: "not-stored"; readonly reason: SkipReason };

/** What became of a step. */
export type StepOutcome =
  /** Not run: its outputs are in place and its text was printed again. */
  | { readonly kind: "replayed"; readonly savedMs: number }
  | {
      readonly kind: "exited";
      /** 128 + n when a signal ended it. */
      readonly code: number;
      readonly signal?: string;
      readonly durationMs: number;
      /** Absent where the cache is off, and for a step whose unit goes on: its last step has it. */
      readonly store?: StoreResult;
      /** Programs that asked for io_uring and did not get it; absent where none did. */
      readonly withoutRing?: readonly string[];
      /** Absent where the step's tools said nothing. */
      readonly tools?: ToolSummary;
    }
  | { readonly kind: "not-started"; readonly message: string }
  /** Ended by vt, because its task took longer than it may. */
  | { readonly kind: "timed-out"; readonly limitMs: number; readonly durationMs: number }
  /** Ended by vt, because another step failed or the person interrupted the run. */
  | { readonly kind: "cancelled" };

export type OutputStream = "stdout" | "stderr";

/** Everything a reader of a run may be told. Reporters are pure consumers of these. */
export type RunEvent =
  | { readonly kind: "run-started"; readonly graph: ExecutionGraph }
  | { readonly kind: "step-started"; readonly step: Step; readonly status: CacheStatus }
  | {
      readonly kind: "output";
      readonly step: Step;
      readonly stream: OutputStream;
      readonly bytes: Uint8Array;
    }
  /** About one step, in its place: "`dist/a.js` had been edited; restored". */
  | { readonly kind: "note"; readonly step: Step; readonly text: string }
  | {
      readonly kind: "step-finished";
      readonly step: Step;
      readonly status: CacheStatus;
      readonly outcome: StepOutcome;
    }
  /** A result that was stored is not kept after all. */
  | { readonly kind: "store-revoked"; readonly step: Step; readonly reason: SkipReason }
  /** Tasks that have waited for long. */
  | ({ readonly kind: "waiting" } & WaitNotice)
  /** Trouble that changes no result, such as a damaged cache. */
  | { readonly kind: "warning"; readonly text: string }
  | {
      readonly kind: "run-finished";
      readonly exitCode: number;
      readonly interruptedBy?: string;
      readonly durationMs: number;
    };

export type Emit = (event: RunEvent) => void;

export function didSucceed(outcome: StepOutcome): boolean {
  return outcome.kind === "replayed" || (outcome.kind === "exited" && outcome.code === 0);
}
