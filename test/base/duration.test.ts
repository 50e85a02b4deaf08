import { expect, test } from "bun:test";
import { parseDuration } from "../../src/base/duration.ts";

test.each([
  ["500ms", 500],
  ["90s", 90_000],
  ["10m", 600_000],
  ["1h", 3_600_000],
  ["0s", undefined],
  ["10", undefined],
  ["1.5h", undefined],
  ["-1s", undefined],
  ["1 s", undefined],
  ["1d", undefined],
  ["", undefined],
] as const)("%p as a time is %p ms", (text, durationMs) => {
  expect(parseDuration(text)).toBe(durationMs);
});
