import { ByteReader, ByteWriter } from "../base/bytes.ts";
import type { Digest } from "../base/digest.ts";
import type { Condition } from "../fingerprint/condition.ts";
import type { PackedExpectations } from "../native/expectation.ts";
import type { Cache } from "./cache.ts";
import { readCondition, writeCondition } from "./codec.ts";
import type { SettledRow } from "./database.ts";
import { type EntryItem, readItem, writeItem } from "./entry.ts";
import type { CacheKey, TreeKey } from "./key.ts";
import { finishToSeal, unseal } from "./seal.ts";

/**
 * A look-up that ended in a hit with nothing to do, kept with everything it rested on: while that is
 * as it was, the next look-up would end the same, and need not be made.
 *
 * It rests on the key's entries and on the record of the tree, whose writing removes it
 * (`database.ts`), and on what stands here.
 */
export type Settled = {
  /** The stamps of all inputs, outputs, and folders above outputs. */
  readonly expectations: PackedExpectations;
  /** How many of the paths, from the first on, are those that the `input` patterns match. */
  readonly declaredCount: number;
  /** What no stamp tells of: commits, places outside the workspace. */
  readonly conditions: readonly Condition[];
  /** One an item of the unit: programs, variables. */
  readonly items: readonly EntryItem[];
  /** What the items printed, as in the entry; absent where that is long. */
  readonly text: Buffer | undefined;
};

/** The newest entry of a key, and how its look-up ended last. */
export type SettledEntry = Settled & { readonly id: number; readonly usedMs: number };

/** Text that is longer is read from the entry: twice in the database it would take up too much room. */
export const settledTextBytesMax = 64 * 1024;

/** A unit whose look-up may be kept: its key, and the steps of its items. */
export type SettledRequest = { readonly key: CacheKey; readonly steps: readonly Digest[] };

/**
 * What is kept for the newest entry of each key. Nothing where the look-up has to be made: none is kept,
 * or one of the steps has used another key since, which the cache must note.
 */
export function readSettled(
  cache: Cache,
  requests: readonly SettledRequest[],
): ReadonlyMap<CacheKey, SettledEntry> {
  const found = cache.attempt((database) => {
    const newest = database.settledEntries(
      requests.map(({ key }) => key),
      cache.tree,
    );
    const sums =
      newest.size === 0
        ? new Map()
        : database.recordSums(
            "step",
            requests.flatMap(({ steps }) => steps),
          );
    return { newest, sums };
  });
  const settled = new Map<CacheKey, SettledEntry>();
  for (const { key, steps } of requests) {
    const row = found?.newest.get(key);
    const entry =
      row &&
      cache.attempt(() =>
        decodeSettled(
          cache.inTree(key),
          row,
          steps.map((step) => found?.sums.get(step)),
        ),
      );
    if (entry !== undefined) settled.set(key, entry);
  }
  return settled;
}

/** Undefined when it is of another entry, or of steps with other records. */
function decodeSettled(
  key: TreeKey,
  { id, usedMs, value }: SettledRow,
  stepSums: readonly (Uint8Array | undefined)[],
): SettledEntry | undefined {
  const input = new ByteReader(unseal(`settled${key}`, value));
  if (input.number() !== id) return undefined;
  const areNoted = stepSums.every((now) => {
    const then = input.bytes();
    return now !== undefined && then.equals(now);
  });
  return areNoted ? { id, usedMs, ...readRest(input) } : undefined;
}

/** `stepSums` are the checksums of the records of the unit's steps. `docs/formats.md` has the layout. */
export function encodeSettled(
  { id, settled }: { readonly id: number; readonly settled: Settled },
  stepSums: readonly Uint8Array[],
): Buffer {
  const out = new ByteWriter().number(id);
  for (const sum of stepSums) out.bytes(sum);
  const { count, exactCount, paths, stamps } = settled.expectations;
  out.number(count).number(exactCount).bytes(paths).bytes(stamps).number(settled.declaredCount);
  out.list(settled.conditions, (condition) => writeCondition(out, condition));
  out.list(settled.items, (item) => writeItem(out, item));
  out.list(settled.text === undefined ? [] : [settled.text], (text) => out.bytes(text));
  return finishToSeal(out);
}

function readRest(input: ByteReader): Settled {
  return {
    expectations: {
      count: input.number(),
      exactCount: input.number(),
      paths: input.bytes(),
      stamps: input.bytes(),
    },
    declaredCount: input.number(),
    conditions: input.list(() => readCondition(input)),
    items: input.list(() => readItem(input)),
    text: input.list(() => input.bytes())[0],
  };
}
