import { describe, expect, test } from "bun:test";
import { compileNamePatterns } from "../../src/plan/name-pattern.ts";

describe("a pattern for names of variables", () => {
  test.each([
    ["CI", ["CI"], ["ci", "CIX", "XCI", ""]],
    ["AWS_*", ["AWS_", "AWS_KEY"], ["AWS", "XAWS_KEY", "aws_key"]],
    ["*_TOKEN", ["NPM_TOKEN", "_TOKEN"], ["TOKEN", "NPM_TOKENS"]],
    ["*", ["", "A", "A B\n"], []],
    ["A**", ["A", "AB"], ["B"]],
    ["*A*", ["A", "BAB"], ["", "B"]],
    ["A*B*B", ["ABB", "AxBxB", "ABBB"], ["AB", "ABxBx"]],
    ["*ab*ab*", ["abab", "aabxab"], ["ab", "aba"]],
    ["*?A*[BC]*D", ["xABD", "AACxD"], ["ABD", "xAD"]],
    ["A?C", ["ABC", "A?C", "A😀C"], ["AC", "ABBC"]],
    ["A[BC]", ["AB", "AC"], ["A", "AD", "ABC"]],
    ["A[a-c]", ["Aa", "Ab"], ["A-", "Ad"]],
    ["A[!B]", ["AC", "A!"], ["AB", "A"]],
    ["A[]x]", ["A]", "Ax"], ["A[", "A"]],
    ["A[^B]", ["A^", "AB"], ["AC"]],
    ["ProgramFiles(x86)", ["ProgramFiles(x86)"], ["ProgramFilesx86"]],
    ["ProgramFiles\\(x86\\)", ["ProgramFiles(x86)"], ["ProgramFilesx86"]],
    ["A\\*", ["A*"], ["AB"]],
    ["A.B*", ["A.B"], ["AxB"]],
    ["{A,B}*", ["{A,B}"], ["A", "B"]],
    ["A]*", ["A]", "A]x"], ["A"]],
  ])("%s", (pattern, fitting, others) => {
    const fits = compileNamePatterns([pattern]);
    expect(fitting.filter((name) => !fits(name))).toEqual([]);
    expect(others.filter(fits)).toEqual([]);
  });
});

test("a name fits a list when it fits one of its patterns", () => {
  const fits = compileNamePatterns(["A", "B*", "C?"]);
  expect(["A", "B", "BX", "CX"].every(fits)).toBe(true);
  expect(["AX", "C", "D"].some(fits)).toBe(false);
  expect(compileNamePatterns([])("A")).toBe(false);
});

test("a pattern with many stars is decided like any other", () => {
  const name = "a".repeat(200);
  for (const pattern of ["*".repeat(50), "*a".repeat(50), "a*".repeat(50), "*a*?".repeat(25)])
    expect(compileNamePatterns([`${pattern}X`, `${pattern}Y`])(name)).toBe(false);
});

describe("a malformed pattern is refused in words", () => {
  test.each([
    ["A[", "`[` without `]`"],
    ["[ab", "`[` without `]`"],
    ["A[]", "`[]` names no character"],
    ["A[!]", "`[!]` names no character"],
    ["A\\", "nothing after the backslash"],
    ["[z-a]", "`[z-a]` is a range that runs backwards"],
  ])("%s", (pattern, message) => {
    expect(() => compileNamePatterns([pattern])).toThrow(message);
  });
});
