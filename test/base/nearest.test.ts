import { expect, test } from "bun:test";
import { nearestNames, suggest } from "../../src/base/nearest.ts";

const cases: readonly (readonly [
  name: string,
  candidates: readonly string[],
  near: readonly string[],
])[] = [
  ["buidl", ["build", "test"], ["build"]],
  ["Build", ["build"], ["build"]],
  ["bild", ["build", "bold", "gild"], ["bold", "build", "gild"]],
  ["build", ["app#build", "lint"], ["app#build"]],
  ["ui", ["@acme/ui", "@acme/cli"], ["@acme/ui"]],
  ["x", ["build"], []],
  ["", ["a"], []],
  ["abcdef", ["uvwxyz"], []],
  ["build", ["build"], []],
  ["aaaa", ["aaa1", "aaa2", "aaa3", "aaa4"], ["aaa1", "aaa2", "aaa3"]],
];

test.each(cases)("near %p among %p is %p", (name, candidates, near) => {
  expect(nearestNames(name, candidates)).toEqual(near);
});

test("suggestions are worded as a question", () => {
  expect(suggest("tets", ["test"])).toBe("did you mean `test`?");
  expect(suggest("bild", ["build", "bold", "gild"])).toBe(
    "did you mean `bold`, `build` or `gild`?",
  );
  expect(suggest("x", ["build"])).toBeUndefined();
});
