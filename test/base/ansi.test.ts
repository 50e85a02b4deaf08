import { expect, test } from "bun:test";
import { canShowColours, isInteractive } from "../../src/base/ansi.ts";
import type { Environment } from "../../src/base/host.ts";

const cases: readonly (readonly [Environment, terminal: "terminal" | "pipe", expected: boolean])[] =
  [
    [{}, "terminal", true],
    [{}, "pipe", false],
    [{ NO_COLOR: "1" }, "terminal", false],
    [{ NO_COLOR: "" }, "terminal", true],
    [{ NO_COLOR: "1", FORCE_COLOR: "1" }, "terminal", false],
    [{ FORCE_COLOR: "1" }, "pipe", true],
    [{ FORCE_COLOR: "3" }, "pipe", true],
    [{ FORCE_COLOR: "0" }, "terminal", false],
    [{ FORCE_COLOR: "false" }, "terminal", false],
    [{ FORCE_COLOR: "" }, "pipe", false],
    [{ TERM: "dumb" }, "terminal", false],
    [{ TERM: "dumb", FORCE_COLOR: "1" }, "pipe", true],
    [{ TERM: "xterm" }, "terminal", true],
  ];

test.each(cases)("with %j on a %s, colours are shown: %p", (environment, target, expected) => {
  expect(canShowColours(environment, () => target === "terminal")).toBe(expected);
});

test("the terminal is not asked when a variable decides", () => {
  const isAsked = (): boolean => {
    throw new Error("asked");
  };
  expect(canShowColours({ NO_COLOR: "1" }, isAsked)).toBe(false);
  expect(canShowColours({ FORCE_COLOR: "1" }, isAsked)).toBe(true);
});

test.each([
  [{ TERM: "xterm" }, "terminal", true],
  [{ TERM: "xterm" }, "pipe", false],
  [{ TERM: "dumb" }, "terminal", false],
  [{}, "terminal", false],
  [{ TERM: "xterm", CI: "true" }, "terminal", false],
  [{ TERM: "xterm", CI: "1" }, "terminal", false],
  [{ TERM: "xterm", CI: "" }, "terminal", true],
  [{ TERM: "xterm", CI: "false" }, "terminal", true],
] as const)("with %j on a %s, somebody watches: %p", (environment, target, expected) => {
  expect(isInteractive(environment, () => target === "terminal")).toBe(expected);
});
