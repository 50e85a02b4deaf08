import { expect, test } from "bun:test";
import { describeDuration } from "../../src/report/duration-text.ts";

test.each([
  [0, "0ms"],
  [0.254, "0.25ms"],
  [82, "82ms"],
  [82.5, "82.50ms"],
  [999.99, "999.99ms"],
  [999.999, "1s"],
  [1000, "1s"],
  [1500, "1.50s"],
  [75_000, "75s"],
])("%d ms read as %s", (durationMs, expected) => {
  expect(describeDuration(durationMs)).toBe(expected);
});
