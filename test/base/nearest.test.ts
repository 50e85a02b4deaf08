import { expect, test } from "bun:test";
import { suggest } from "../../src/base/nearest.ts";

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
  const quoted = near.map((candidate) => `\`${candidate}\``);
  const text = [quoted.slice(0, -1).join(", "), ...quoted.slice(-1)].filter((part) => part !== "");
  const expected = near.length === 0 ? undefined : `did you mean ${text.join(" or ")}?`;
  expect(suggest(name, candidates)).toBe(expected);
});
