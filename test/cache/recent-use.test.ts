import { expect, test } from "bun:test";
import { statSync } from "node:fs";
import { digestOf } from "../../src/base/digest.ts";
import { type AbsolutePath, resolvePath } from "../../src/base/path.ts";
import { Cache } from "../../src/cache/cache.ts";
import type { EntryContent } from "../../src/cache/entry.ts";
import type { CacheKey, SpawnFingerprint } from "../../src/cache/key.ts";
import { recordUse, type StepUse, storeEntry, useIntervalMs } from "../../src/cache/store.ts";
import { emptyTreeRecord } from "../../src/cache/tree-record.ts";
import { temporaryDirectory } from "../harness/temporary-directory.ts";

const key = digestOf("key") as CacheKey;

const nothing: EntryContent = {
  declared: [],
  inferred: [],
  items: [],
  manifest: [],
  outputStamps: [],
  created: [],
  kept: new Set(),
  archive: undefined,
};

function stepsWith(args: readonly string[]): readonly StepUse[] {
  const fingerprint = { args } as Partial<SpawnFingerprint> as SpawnFingerprint;
  return [{ step: digestOf("step"), record: { key, fingerprint } }];
}

const steps = stepsWith([]);

/** A cache with one entry, at a time that the test sets, and how much has been written to it. */
function open(root: AbsolutePath, now: () => number) {
  const warn = (text: string): void => {
    throw new Error(text);
  };
  const cache = Cache.open({ root, environment: {}, now, warn });
  const store = (entry: EntryContent): number => {
    const id = storeEntry(cache, { key, steps, treeRecord: emptyTreeRecord, entry, text: [] });
    if (id === undefined) throw new Error("nothing was stored");
    return id;
  };
  const log = resolvePath(cache.directory, "cache.db-wal");
  const use = (id: number, uses = steps): number => {
    const before = statSync(log).size;
    const what = { content: undefined, treeRecord: undefined, settled: undefined };
    recordUse(cache, { key, id, steps: uses, ...what });
    return statSync(log).size - before;
  };
  return { cache, store, use };
}

test("that an entry was used is not written again within the hour", async () => {
  await using directory = await temporaryDirectory();
  let now = 1_000_000_000_000;
  const { cache, store, use } = open(directory.path, () => now);
  using _ = cache;
  const id = store(nothing);
  now += useIntervalMs / 2;
  expect(use(id)).toBe(0);
  now += useIntervalMs;
  expect(use(id)).toBeGreaterThan(0);
  expect(use(id)).toBe(0);
});

test("an entry that is used after a newer one of its key, or by a step that ran otherwise since, is noted at once", async () => {
  await using directory = await temporaryDirectory();
  let now = 1_000_000_000_000;
  const { cache, store, use } = open(directory.path, () => now);
  using _ = cache;
  const older = store(nothing);
  now += 1000;
  const asked = { singles: [], queries: [] };
  const newer = store({
    ...nothing,
    items: [{ programs: [{ name: "node", hash: 7n }], asked, durationMs: 1 }],
  });
  const newestFirst = (): readonly number[] | undefined =>
    cache.attempt((database) => database.entryIds(key));
  expect(newestFirst()).toEqual([newer, older]);
  now += 1000;
  expect(use(older)).toBeGreaterThan(0);
  expect(newestFirst()).toEqual([older, newer]);
  expect(use(older)).toBe(0);
  expect(use(older, stepsWith(["--other"]))).toBeGreaterThan(0);
});
