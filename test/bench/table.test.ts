import { expect, test } from "bun:test";
import { describeGrowth } from "../../bench/growth.ts";
import type { Row } from "../../bench/measure.ts";
import { quantile } from "../../bench/statistics.ts";
import { renderTable } from "../../bench/table.ts";
import type { Result } from "../../bench/workloads.ts";

function row(name: string, wallMs: readonly number[]): Row {
  return {
    name,
    samples: wallMs.map((ms) => ({ wallMs: ms, cpuMs: 2 * ms, peakMebibytes: 10 })),
  };
}

test("a ratio is the median of the rounds' ratios, not the ratio of the medians", () => {
  const rows = [row("vt", [10, 100, 10]), row("vp", [100, 200, 20])];
  const table = renderTable([{ name: "a hit", rows, goals: { vp: { time: 0.25, memory: 1 } } }]);
  expect(table.split("\n").map((line) => line.replaceAll(/ +/g, " "))).toEqual([
    "| work | by | ms | p10–p90 | CPU ms | peak MiB | vt ÷ this | p10–p90 | of CPU | goal |",
    expect.stringMatching(/^\| -+ \| -+ \| -+: \|/),
    "| a hit | vt | 10.0 | 10.0–82.0 | 20.0 | 10.0 | | | | |",
    "| | vp | 100 | 36.0–180 | 200 | 10.0 | 0.50 | 0.18–0.50 | 0.50 | time ≤ 0.25 MISSED, memory ≤ 1 met |",
    "",
  ]);
});

test("what one more costs is seen between the smallest and the largest of a series", () => {
  const of = (name: string, size: number, ms: number): Result => ({
    name: `${size} of ${name}`,
    series: { name, size },
    rows: [row("vt", [ms])],
    goals: {},
  });
  const results = [
    of("package", 1, 10),
    of("file", 5, 1),
    of("file", 1, 2),
    of("package", 101, 60),
  ];
  expect(describeGrowth(results)).toBe(
    "µs more for each package, from 1 to 101: vt 500\nµs more for each file, from 1 to 5: vt -250\n",
  );
  expect(describeGrowth(results.slice(0, 1))).toBe("");
});

test.each([
  { values: [3, 1, 2], part: 0.5, expected: 2 },
  { values: [1, 2, 3, 4], part: 0.5, expected: 2.5 },
  { values: [0, 10], part: 0.9, expected: 9 },
  { values: [7], part: 0.1, expected: 7 },
])("the $part quantile of $values is $expected", ({ values, part, expected }) => {
  expect(quantile(values, part)).toBe(expected);
});
