import type { StepOutcome } from "../execute/event.ts";
import { describeDuration } from "./duration-text.ts";

/** What became of a step that has failed, to follow the name of its task. */
export function describeFailure(outcome: StepOutcome): string {
  switch (outcome.kind) {
    case "exited":
      return `failed with exit code ${outcome.code}`;
    case "timed-out":
      return `took longer than ${describeDuration(outcome.limitMs)}`;
    default:
      return "could not be started";
  }
}
