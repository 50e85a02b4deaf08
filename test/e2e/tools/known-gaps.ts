import type { Column } from "./play.ts";

type KnownGaps = {
  /** Cells of the table, by tool and column. */
  readonly cells: Readonly<Record<string, Readonly<Partial<Record<Column, string>>>>>;
  /** What `cases.test.ts` asks for. */
  readonly cases: Readonly<Record<string, string>>;
};

/**
 * What fails today, each with the reason. What is not here must pass; what is here must fail, so that
 * nobody forgets to strike it out.
 */
export const knownGaps: KnownGaps = {
  cells: {},
  cases: {},
};
