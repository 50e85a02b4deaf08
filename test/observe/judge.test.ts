import { expect, test } from "bun:test";
import { absolutePath } from "../../src/base/path.ts";
import { missingStamp, type Stamp } from "../../src/native/stamp.ts";
import { statBatch } from "../../src/native/stat.ts";
import { type PathHistory, untouched } from "../../src/observe/history.ts";
import { isChanged, judge, judgePlainly, type PathFacts } from "../../src/observe/judge.ts";

const choices = [false, true];
const stamps: readonly Stamp[] = [
  ...statBatch([import.meta.path, "/"].map(absolutePath)),
  missingStamp,
];

function* histories(): Generator<PathHistory> {
  const path = absolutePath("/w/file");
  const looks = [undefined, { isPresent: false }, { isPresent: true }];
  const changes = [undefined, "write-whole", "write-partly", "append", "remove"] as const;
  for (const before of [undefined, ...stamps])
    for (const look of looks)
      for (const firstChange of changes)
        for (const isCertain of choices)
          for (const isDirectoryMade of choices)
            for (const isRemoved of choices)
              for (const isListed of choices)
                yield {
                  ...untouched(path),
                  isOnlyOpened: !isCertain,
                  ...{ isCertain, isDirectoryMade, isRemoved, isListed, isRead: isListed },
                  ...(before && { before }),
                  ...(look && { look }),
                  ...(firstChange && { firstChange }),
                };
}

function* others(): Generator<Omit<PathFacts, "history" | "now">> {
  const clock = { startedAt: 0n, isFine: true };
  for (let bits = 0; bits < 2 ** 7; bits += 1) {
    const isSet = (bit: number): boolean => (bits & (1 << bit)) !== 0;
    yield {
      isOwned: isSet(0),
      hasEndedAsItBegan: isSet(1),
      isEmptied: isSet(2),
      isSought: isSet(3),
      countsAsInput: isSet(4),
      countsAsOutput: isSet(5),
      isOverlapDissolved: isSet(6),
      clock,
    };
  }
}

test("what is judged plainly is judged the same with all that is known", () => {
  let plain = 0;
  for (const history of histories())
    for (const now of stamps) {
      history.hasChanged = isChanged(history, now);
      for (const facts of others()) {
        const verdict = judgePlainly(history, now, () => facts.countsAsOutput);
        if (verdict === undefined) break;
        plain += 1;
        expect(judge({ ...facts, history, now })).toEqual(verdict);
      }
    }
  expect(plain).toBeGreaterThan(100);
});
