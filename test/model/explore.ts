import { asyncProperty, check } from "fast-check";
import { scenarios } from "./arbitrary.ts";
import { play, type Stage } from "./play.ts";
import type { Scenario } from "./scenario.ts";
import { emptyTally } from "./tally.ts";

export type Finding = {
  readonly seed: number;
  /** The smallest scenario that was found to show it. */
  readonly scenario: Scenario;
  readonly message: string;
};

export type Exploration = {
  readonly seed: number;
  readonly sequences: number;
  /** A failure may be shrunk for so long, in milliseconds. */
  readonly shrinkMs: number;
  /** Called after each sequence that went well. */
  readonly onPlayed?: () => void;
  /** Plays no more when it is aborted. */
  readonly signal?: AbortSignal;
};

/** Plays random scenarios until one fails, and makes that one small. Undefined when none does. */
export async function explore(
  stage: Stage,
  { seed, sequences, shrinkMs, onPlayed, signal }: Exploration,
): Promise<Finding | undefined> {
  let deadline = Number.POSITIVE_INFINITY;
  let using = stage;
  const property = asyncProperty(scenarios(), async (scenario) => {
    // Shrinking ends with what it has.
    if (performance.now() > deadline || signal?.aborted === true) return;
    try {
      await play(scenario, using);
      if (using === stage) onPlayed?.();
    } catch (error) {
      using = { ...stage, tally: emptyTally() }; // What shrinking plays does not count.
      deadline = Math.min(deadline, performance.now() + shrinkMs);
      throw error;
    }
  });
  const result = await check(property, { seed, numRuns: sequences });
  if (!result.failed || result.counterexample === null) return undefined;
  const message = result.errorInstance instanceof Error ? result.errorInstance.message : "";
  return { seed, scenario: result.counterexample[0], message };
}
