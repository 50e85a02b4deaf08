import type { Step } from "../plan/step.ts";
import type { Cancellation } from "./cancellation.ts";
import { didSucceed, type StepOutcome } from "./event.ts";
import type { RowUnit } from "./row.ts";
import { Row } from "./row.ts";
import { runUncached } from "./run-uncached.ts";
import type { Session } from "./session.ts";
import { replayIfSettled } from "./settled-hit.ts";
import type { Run } from "./show-replay.ts";

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
        : await runUnit(row.atTurn(part), { row, cancellation, session });
    if (!didSucceed(outcome)) break;
  }
  return outcome;
}

/** All that a unit takes which is not settled is loaded with the first such unit. */
async function runUnit(unit: RowUnit, run: Run): Promise<StepOutcome> {
  const settled = await replayIfSettled(unit, run);
  if (settled !== undefined) return settled;
  const unsettled = await import("./run-unit.ts");
  return await unsettled.runUnit(unit, run);
}
