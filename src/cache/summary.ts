import type { Cache } from "./cache.ts";
import { type CacheLimits, findSurplus, sumOf } from "./collect.ts";
import { keptRuns } from "./kept-runs.ts";

/** What a cache holds, in numbers. */
export type CacheSummary = {
  readonly entries: number;
  /** Different steps and units with entries. */
  readonly keys: number;
  /** Runs that are remembered as a whole. */
  readonly runs: number;
  /** Of archives, entries and runs. Archives that several entries share count once for each. */
  readonly bytes: number;
  /** When the entry that was not used for the longest time, and the last one, were used; absent without entries. */
  readonly used: { readonly firstMs: number; readonly lastMs: number } | undefined;
  /** What a collection with these limits would remove now. */
  readonly surplus: { readonly entries: number; readonly runs: number; readonly bytes: number };
};

/** Undefined when there is no cache, or none that can be read. */
export function summarizeCache(cache: Cache, limits: CacheLimits): CacheSummary | undefined {
  return cache.attempt((database) => {
    const sizes = database.entrySizes();
    const kept = keptRuns(cache.directory);
    const [first, last] = [sizes[0], sizes.at(-1)];
    const { entries, runs } = findSurplus(cache, database, limits);
    return {
      entries: sizes.length,
      keys: new Set(sizes.map(({ key }) => key)).size,
      runs: kept.length,
      bytes: sumOf(sizes) + sumOf(kept),
      used: first && last && { firstMs: first.usedMs, lastMs: last.usedMs },
      surplus: {
        entries: entries.length,
        runs: runs.length,
        bytes: sumOf(entries) + sumOf(runs),
      },
    };
  });
}
