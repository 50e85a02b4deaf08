import type { Cache } from "./cache.ts";
import { type CacheLimits, surplusEntries } from "./collect.ts";

/** What a cache holds, in numbers. */
export type CacheSummary = {
  readonly entries: number;
  /** Different steps and units with entries. */
  readonly keys: number;
  /** Of archives and entries. Archives that several entries share count once for each. */
  readonly bytes: number;
  /** When the entry that was not used for the longest time, and the last one, were used; absent without entries. */
  readonly used: { readonly firstMs: number; readonly lastMs: number } | undefined;
  /** What a collection with these limits would remove now. */
  readonly surplus: { readonly entries: number; readonly bytes: number };
};

/** Undefined when there is no cache, or none that can be read. */
export function summarizeCache(cache: Cache, limits: CacheLimits): CacheSummary | undefined {
  return cache.attempt((database) => {
    const sizes = database.entrySizes();
    const [first, last] = [sizes[0], sizes.at(-1)];
    const surplus = surplusEntries(database, { limits, nowMs: cache.now() });
    const total = (parts: typeof surplus): number =>
      parts.reduce((sum, { bytes }) => sum + bytes, 0);
    return {
      entries: sizes.length,
      keys: new Set(sizes.map(({ key }) => key)).size,
      bytes: total(sizes),
      used: first && last && { firstMs: first.usedMs, lastMs: last.usedMs },
      surplus: { entries: surplus.length, bytes: total(surplus) },
    };
  });
}
