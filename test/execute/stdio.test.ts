import { expect, test } from "bun:test";
import { chooseStdio, type LogMode, type StdioMode } from "../../src/execute/stdio.ts";

const cases: readonly (readonly [LogMode, "on" | "off", "terminal" | "pipe", StdioMode])[] = [
  ["interleaved", "on", "terminal", "piped"],
  ["interleaved", "on", "pipe", "piped"],
  ["interleaved", "off", "terminal", "foreground"],
  ["interleaved", "off", "pipe", "inherited"],
  ["labeled", "on", "terminal", "piped"],
  ["labeled", "off", "terminal", "piped"],
  ["grouped", "on", "terminal", "piped"],
  ["grouped", "off", "terminal", "piped"],
];

test.each(cases)(
  "with --log %s, cache %s, on a %s, a process is %s",
  (log, cache, on, expected) => {
    expect(chooseStdio({ log, cache, hasTerminal: on === "terminal" })).toBe(expected);
  },
);
