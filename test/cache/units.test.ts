import { expect, test } from "bun:test";
import { digestOf } from "../../src/base/digest.ts";
import { Cache } from "../../src/cache/cache.ts";
import { unitKey } from "../../src/cache/key.ts";
import { addRange, readUnits, recordUnits } from "../../src/cache/units.ts";
import { temporaryDirectory } from "../harness/temporary-directory.ts";

const row = digestOf("row");

test("ranges that share an item become one, and others stay", () => {
  expect(addRange([], { from: 1, to: 2 })).toEqual([{ from: 1, to: 2 }]);
  expect(addRange([{ from: 3, to: 4 }], { from: 0, to: 2 })).toEqual([
    { from: 0, to: 2 },
    { from: 3, to: 4 },
  ]);
  expect(
    addRange(
      [
        { from: 0, to: 1 },
        { from: 3, to: 4 },
      ],
      { from: 1, to: 3 },
    ),
  ).toEqual([{ from: 0, to: 4 }]);
  expect(addRange([{ from: 0, to: 4 }], { from: 1, to: 2 })).toEqual([{ from: 0, to: 4 }]);
});

test("a unit of one step has the key of that step, and of several one of its own", () => {
  const [a, b] = [digestOf("a"), digestOf("b")];
  expect(unitKey([a])).toBe(a);
  expect(new Set([a, b, unitKey([a, b]), unitKey([b, a]), unitKey([a, a, b])]).size).toBe(5);
});

test("what is remembered of a row is there for the next vt, and damage to it is told", async () => {
  await using directory = await temporaryDirectory();
  const warnings: string[] = [];
  const open = (): Cache =>
    Cache.open({
      root: directory.path,
      environment: {},
      now: Date.now,
      warn: (text) => warnings.push(text),
    });
  const ranges = [
    { from: 0, to: 1 },
    { from: 300, to: 302 },
  ];
  {
    using cache = open();
    recordUnits(cache, row, ranges);
  }
  using cache = open();
  expect(readUnits(cache, row)).toEqual(ranges);
  expect(readUnits(cache, digestOf("other row"))).toEqual([]);
  recordUnits(cache, row, ranges.toReversed());
  expect(readUnits(cache, row)).toEqual([]);
  expect(warnings).toHaveLength(1);
});
