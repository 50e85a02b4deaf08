import type { Step } from "../plan/step.ts";

/** What vt does in a run. */
type Phase =
  | "start"
  | "workspace"
  | "plan"
  | "look-up"
  | "restore"
  | "replay"
  | "hash"
  | "spawn"
  | "archive"
  | "store";

/** How long something took, in microseconds since vt was started. */
export type Span = {
  readonly phase: Phase;
  /** Undefined for what is done once for the whole run. */
  readonly step: Step | undefined;
  readonly beganUs: number;
  readonly endedUs: number;
};

/** Where the time of a run goes. */
export type Profile = {
  /** Measures a phase, of a step if it is one's, until the result is disposed of. */
  readonly begin: (phase: Phase, step?: Step) => Disposable;
};

const nothing: Disposable = { [Symbol.dispose]: () => undefined };

/** For a run that nobody measures. */
export const noProfile: Profile = { begin: () => nothing };

/** Keeps what is measured; `elapsedUs` is a clock, in microseconds. */
export function startProfile(
  elapsedUs: () => number,
): Profile & { readonly spans: () => readonly Span[] } {
  const spans: Span[] = [{ phase: "start", step: undefined, beganUs: 0, endedUs: elapsedUs() }];
  return {
    begin: (phase, step) => {
      const beganUs = elapsedUs();
      return {
        [Symbol.dispose]: () => {
          spans.push({ phase, step, beganUs, endedUs: elapsedUs() });
        },
      };
    },
    spans: () => spans,
  };
}
