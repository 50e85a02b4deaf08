import type { Step } from "../plan/step.ts";
import type { Cancellation } from "./cancellation.ts";
import type { CacheStatus, StepOutcome } from "./event.ts";
import type { Session } from "./session.ts";

/** The life of a step that is not cached. */
export async function runUncached(
  step: Step,
  cancellation: Cancellation,
  session: Session,
): Promise<StepOutcome> {
  const reason = step.cache.kind === "off" ? step.cache.reason : ({ kind: "built-in" } as const);
  const status: CacheStatus = { kind: "off", reason };
  session.emit({ kind: "step-started", step, status });
  const outcome = await perform(step, cancellation, session);
  session.emit({ kind: "step-finished", step, status, outcome });
  return outcome;
}

async function perform(
  step: Step,
  cancellation: Cancellation,
  session: Session,
): Promise<StepOutcome> {
  const { action } = step;
  if (action.kind === "echo") {
    session.emit({ kind: "output", step, stream: "stdout", bytes: Buffer.from(action.text) });
    return { kind: "exited", code: 0, durationMs: 0 };
  }
  // Loaded with the first such step: a run of hits has none.
  const { spawnPlain } = await import("./spawn-plain.ts");
  return await spawnPlain(step, action, { cancellation, session });
}
