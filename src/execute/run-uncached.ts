import type { Step } from "../plan/step.ts";
import type { Cancellation } from "./cancellation.ts";
import type { CacheStatus, StepOutcome } from "./event.ts";
import type { Session } from "./session.ts";
import { spawnPlain } from "./spawn-plain.ts";

/** The life of a step that is not cached. */
export async function runUncached(
  step: Step,
  cancellation: Cancellation,
  session: Session,
): Promise<StepOutcome> {
  const reason = step.cache.kind === "off" ? step.cache.reason : ({ kind: "built-in" } as const);
  const status: CacheStatus = { kind: "off", reason };
  session.emit({ kind: "step-started", step, status });
  const outcome = await spawnPlain(step, cancellation, session);
  session.emit({ kind: "step-finished", step, status, outcome });
  return outcome;
}
