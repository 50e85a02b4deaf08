import type { OutputStream, StepOutcome } from "../execute/event.ts";
import type { Step } from "../plan/step.ts";

/** Lays out what is told of the steps; one for each log mode. Lines have no line break at the end. */
export type Printer = {
  readonly start: (step: Step, commandLine: string) => void;
  readonly output: (step: Step, stream: OutputStream, bytes: Uint8Array) => void;
  /** A line of vt's own, at its place in the step's text. */
  readonly line: (step: Step, text: string) => void;
  readonly finish: (step: Step, outcome: StepOutcome) => void;
  /** Makes ready for a summary. */
  readonly end: () => void;
};
