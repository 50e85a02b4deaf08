import type { Step } from "../plan/step.ts";
import type { Cancellation } from "./cancellation.ts";
import { didSucceed, type StepOutcome } from "./event.ts";
import { Row } from "./row.ts";
import { runUncached } from "./run-uncached.ts";
import { runUnit } from "./run-unit.ts";
import type { Session } from "./session.ts";

/**
 * Runs steps that follow each other, one after another, until one fails or the run is stopped. Returns
 * what became of the last that began, or that one could not begin any more; undefined when there is none.
 */
export async function runRow(
  steps: readonly Step[],
  cancellation: Cancellation,
  session: Session,
): Promise<StepOutcome | undefined> {
  using row = new Row(steps, session);
  let outcome: StepOutcome | undefined;
  for (const part of row.parts()) {
    if (cancellation.cause() !== undefined) return { kind: "cancelled" };
    outcome =
      part.kind === "uncached"
        ? await runUncached(part.step, cancellation, session)
        : await runUnit(part, { row, cancellation, session });
    if (!didSucceed(outcome)) break;
  }
  return outcome;
}
