import { expect, test } from "bun:test";
import { fuzzyScore } from "../../src/base/fuzzy.ts";

/** Those that answer, the best first. */
function answers(typed: string, texts: readonly string[]): readonly string[] {
  return texts
    .flatMap((text) => {
      const score = fuzzyScore(typed, text);
      return score === undefined ? [] : [{ text, score }];
    })
    .sort((a, b) => b.score - a.score)
    .map(({ text }) => text);
}

test.each([
  ["", ["build"], ["build"]],
  ["build", ["rebuild", "build:all", "build"], ["build", "build:all", "rebuild"]],
  ["BUILD", ["build"], ["build"]],
  ["bld", ["build", "bundle", "lib"], ["build"]],
  ["ab", ["app#build", "a-long-bundle", "absent"], ["absent", "app#build", "a-long-bundle"]],
  ["t u", ["test:unit", "tunnel", "lint"], ["tunnel", "test:unit"]],
  ["buidl", ["build"], []],
  ["é", ["cafÉ"], ["cafÉ"]],
] as const)("%p is answered by %p in this order: %p", (typed, texts, expected) => {
  expect(answers(typed, texts)).toEqual(expected);
});
