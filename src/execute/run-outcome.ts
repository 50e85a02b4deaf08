import type { Cancellation } from "./cancellation.ts";
import type { ExitedProcess } from "./spawn.ts";

/** What became of a process that was started. */
export type RunOutcome =
  | {
      readonly kind: "exited";
      readonly code: number;
      readonly signal?: string;
      readonly durationMs: number;
    }
  | { readonly kind: "timed-out"; readonly limitMs: number; readonly durationMs: number }
  | { readonly kind: "cancelled" };

/** How a process ended, which may have been the doing of vt, or of the person. */
export function runOutcome(
  { code, signal, durationMs }: ExitedProcess,
  cancellation: Cancellation,
): RunOutcome {
  const cause = cancellation.cause();
  // What hears Ctrl-C and ends well has ended well.
  if (cause?.kind === "step-failed" || (cause?.kind === "interrupted" && code !== 0))
    return { kind: "cancelled" };
  if (cause?.kind === "timed-out") return { kind: "timed-out", limitMs: cause.limitMs, durationMs };
  return { kind: "exited", code, durationMs, ...(signal !== undefined && { signal }) };
}
