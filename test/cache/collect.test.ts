import { expect, test } from "bun:test";
import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { digestOf } from "../../src/base/digest.ts";
import { Cache } from "../../src/cache/cache.ts";
import { type CacheLimits, collect } from "../../src/cache/collect.ts";
import { temporaryDirectory } from "../harness/temporary-directory.ts";

const dayMs = 24 * 3_600_000;
const limits: CacheLimits = { sizeBytes: 1_000_000, ageMs: 30 * dayMs };

async function cacheWith(entries: readonly { readonly usedMs: number; readonly bytes: number }[]) {
  const directory = await temporaryDirectory();
  const cache = Cache.open({
    root: directory.path,
    environment: {},
    now: () => 100 * dayMs,
    warn: (text) => {
      throw new Error(text);
    },
  });
  for (const [index, { usedMs, bytes }] of entries.entries()) {
    const archive = digestOf(String(index));
    writeFileSync(`${cache.directory}/${archive}.tar.zst`, "x");
    cache.attempt((database) =>
      database.insertEntry({
        key: "key",
        identity: String(index),
        usedMs,
        archive,
        archiveBytes: bytes,
        content: new Uint8Array(),
        text: new Uint8Array(),
      }),
    );
  }
  const left = (): number[] =>
    entries.flatMap((_, index) =>
      existsSync(`${cache.directory}/${digestOf(String(index))}.tar.zst`) ? [index] : [],
    );
  return {
    cache,
    left,
    [Symbol.asyncDispose]: async () => {
      cache[Symbol.dispose]();
      await directory[Symbol.asyncDispose]();
    },
  };
}

test("a cache within its limits stays as it is", async () => {
  await using held = await cacheWith([
    { usedMs: 99 * dayMs, bytes: 400_000 },
    { usedMs: 98 * dayMs, bytes: 400_000 },
  ]);
  collect(held.cache, limits);
  expect(held.left()).toEqual([0, 1]);
});

test("entries that were not used for too long go", async () => {
  await using held = await cacheWith([
    { usedMs: 99 * dayMs, bytes: 1 },
    { usedMs: 60 * dayMs, bytes: 1 },
  ]);
  collect(held.cache, limits);
  expect(held.left()).toEqual([0]);
});

test("what is known of trees in which a key was not used for too long goes, though the key has entries", async () => {
  await using held = await cacheWith([{ usedMs: 99 * dayMs, bytes: 1 }]);
  const known = held.cache.attempt((database) => {
    for (const [tree, usedDays] of [
      ["gone", 60],
      ["here", 99],
    ] as const)
      database.setRecord("tree", `key/${tree}`, {
        usedMs: usedDays * dayMs,
        value: Buffer.from(tree),
      });
    collect(held.cache, limits);
    return ["gone", "here"].flatMap((tree) => database.treeRecords(tree));
  });
  expect(known).toEqual([{ key: "key", value: Buffer.from("here") }]);
  expect(held.left()).toEqual([0]);
});

test("above the size the least recently used go first, and no more than needed", async () => {
  await using held = await cacheWith([
    { usedMs: 97 * dayMs, bytes: 500_000 },
    { usedMs: 99 * dayMs, bytes: 500_000 },
    { usedMs: 98 * dayMs, bytes: 400_000 },
  ]);
  collect(held.cache, limits);
  expect(held.left()).toEqual([1, 2]);
});

test("what crashed runs left goes after an hour, what a run may be writing stays", async () => {
  await using held = await cacheWith([{ usedMs: 99 * dayMs, bytes: 1 }]);
  const { directory } = held.cache;
  const names = [
    "unfinished-old",
    "unfinished-new",
    `${digestOf("orphan")}.tar.zst`,
    "last-summary.json.123.tmp",
    "last-summary.json",
  ];
  for (const name of names) {
    mkdirSync(`${directory}/${name}`);
    const time = (name === "unfinished-new" ? 100 * dayMs : 99 * dayMs) / 1000;
    utimesSync(`${directory}/${name}`, time, time);
  }
  collect(held.cache, limits);
  expect(names.map((name) => existsSync(`${directory}/${name}`))).toEqual([
    false,
    true,
    false,
    false,
    true,
  ]);
  expect(held.left()).toEqual([0]);
});

test("remembered runs count in the size and go before entries, the oldest first", async () => {
  await using held = await cacheWith([{ usedMs: 98 * dayMs, bytes: 700_000 }]);
  const runs = join(held.cache.directory, "runs");
  mkdirSync(runs);
  const write = (name: string, bytes: number, writtenMs: number): void => {
    writeFileSync(join(runs, name), Buffer.alloc(bytes));
    utimesSync(join(runs, name), writtenMs / 1000, writtenMs / 1000);
  };
  write("newest", 100_000, 99.9 * dayMs);
  write("oldest", 300_000, 99.7 * dayMs);
  write("middle", 100_000, 99.8 * dayMs);
  expect(collect(held.cache, limits)).toMatchObject({ entries: 0, runs: 1, bytes: 300_000 });
  expect(readdirSync(runs).sort()).toEqual(["middle", "newest"]);
  expect(held.left()).toEqual([0]);
  expect(collect(held.cache, { ...limits, ageMs: 0.15 * dayMs })).toMatchObject({
    entries: 1,
    runs: 1,
  });
  expect(readdirSync(runs)).toEqual(["newest"]);
  expect(collect(held.cache, { ...limits, sizeBytes: 0 })).toMatchObject({ entries: 0, runs: 1 });
});
