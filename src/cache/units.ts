import { ByteReader, ByteWriter, DamagedBytes } from "../base/bytes.ts";
import type { Cache } from "./cache.ts";
import type { CacheKey } from "./key.ts";

/** Items of a row that are one to the cache: positions among its items, both included, `from` < `to`. */
export type UnitRange = { readonly from: number; readonly to: number };

/** What is used is on record to the day. */
const dayMs = 24 * 3_600_000;

/**
 * Which items of a row were found to belong together: a fact about their keys, good in every tree.
 * In order, none touching another; empty when nothing is known.
 */
export function readUnits(cache: Cache, row: CacheKey): readonly UnitRange[] {
  const ranges = cache.attempt((database) => {
    const bytes = database.record("unit", row);
    if (bytes === undefined) return undefined;
    const usedMs = cache.now();
    if (cache.canWrite) database.touchRecord("unit", row, { usedMs, sinceMs: usedMs - dayMs });
    return decodeUnits(bytes);
  });
  return ranges ?? [];
}

export function recordUnits(cache: Cache, row: CacheKey, ranges: readonly UnitRange[]): void {
  if (!cache.canWrite) return;
  const out = new ByteWriter();
  out.list(ranges, ({ from, to }) => out.number(from).number(to));
  const value = out.finish();
  cache.attempt((database) => database.setRecord("unit", row, { usedMs: cache.now(), value }));
}

/** The ranges with one more; those that share an item become one. */
export function addRange(ranges: readonly UnitRange[], added: UnitRange): readonly UnitRange[] {
  const apart = ranges.filter(({ from, to }) => to < added.from || from > added.to);
  const joined = [...ranges.filter((range) => !apart.includes(range)), added];
  const whole = {
    from: Math.min(...joined.map(({ from }) => from)),
    to: Math.max(...joined.map(({ to }) => to)),
  };
  return [...apart, whole].sort((a, b) => a.from - b.from);
}

function decodeUnits(bytes: Uint8Array): readonly UnitRange[] {
  const input = new ByteReader(bytes);
  const ranges = input.list(() => ({ from: input.number(), to: input.number() }));
  const isRight = ranges.every(
    ({ from, to }, index) => from < to && from > (ranges[index - 1]?.to ?? -1),
  );
  if (!isRight) throw new DamagedBytes("not the units of a row");
  return ranges;
}
