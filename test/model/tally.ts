/** What became of the steps of many scenarios. */
export type Tally = {
  sequences: number;
  steps: number;
  hits: number;
  misses: number;
  stored: number;
  /** How often a step's result was not stored, by vt's reason. */
  readonly notStored: Record<string, number>;
  /** Steps that the model says must hit, and those of them that did not, by vt's reason. */
  mustHit: number;
  readonly missedHits: Record<string, number>;
  /** Runs that the model says must be stored, and those of them that were not, by vt's reason. */
  mustStore: number;
  readonly missedStores: Record<string, number>;
};

export function emptyTally(): Tally {
  return {
    sequences: 0,
    steps: 0,
    hits: 0,
    misses: 0,
    stored: 0,
    notStored: {},
    mustHit: 0,
    missedHits: {},
    mustStore: 0,
    missedStores: {},
  };
}

export function count(reasons: Record<string, number>, reason: string): void {
  reasons[reason] = (reasons[reason] ?? 0) + 1;
}

export function total(reasons: Readonly<Record<string, number>>): number {
  return Object.values(reasons).reduce((sum, number) => sum + number, 0);
}

/** How far it has come, in one line. */
export function describeProgress(tally: Tally, disagreements: number): string {
  const { sequences, steps, hits } = tally;
  return `${sequences} sequences, ${steps} steps, ${hits} hits, ${disagreements} disagreements`;
}

/** The counts in lines for people. */
export function describeTally(tally: Tally): string {
  const percent = (part: number, whole: number): string =>
    whole === 0 ? "none" : `${((part / whole) * 100).toFixed(2)} %`;
  const list = (reasons: Readonly<Record<string, number>>): string =>
    Object.entries(reasons)
      .sort(([, a], [, b]) => b - a)
      .map(([reason, number]) => `\n    ${number} ${reason}`)
      .join("");
  const { sequences, steps, hits, misses, stored, mustHit, mustStore } = tally;
  return [
    `${sequences} sequences, ${steps} steps`,
    `${hits} hits (${percent(hits, steps)}), ${misses} misses, ${stored} stored`,
    `${total(tally.notStored)} not stored${list(tally.notStored)}`,
    `${mustHit} had to hit, ${total(tally.missedHits)} did not (${percent(total(tally.missedHits), mustHit)})${list(tally.missedHits)}`,
    `${mustStore} had to be stored, ${total(tally.missedStores)} were not (${percent(total(tally.missedStores), mustStore)})${list(tally.missedStores)}`,
  ].join("\n");
}
