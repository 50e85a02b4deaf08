import type { Row } from "./measure.ts";
import { median } from "./statistics.ts";
import type { Result } from "./workloads.ts";

/**
 * What one more of what work is done on costs each contestant: the difference between the smallest and the largest
 * of a series of workloads. A line for each series of which more than one was measured.
 */
export function describeGrowth(results: readonly Result[]): string {
  const names = new Set(results.flatMap(({ series }) => series?.name ?? []));
  return [...names].map((name) => describeSeries(name, results)).join("");
}

function describeSeries(name: string, results: readonly Result[]): string {
  const sizes = results
    .flatMap(({ series, rows }) => (series?.name === name ? [{ size: series.size, rows }] : []))
    .toSorted((a, b) => a.size - b.size);
  const [first, last] = [sizes.at(0), sizes.at(-1)];
  if (first === undefined || last === undefined || first.size === last.size) return "";
  const added = last.size - first.size;
  const slopes = last.rows.flatMap((row) => {
    const before = first.rows.find((other) => other.name === row.name);
    if (before === undefined) return [];
    return [`${row.name} ${((1000 * (medianMs(row) - medianMs(before))) / added).toPrecision(3)}`];
  });
  return `µs more for each ${name}, from ${first.size} to ${last.size}: ${slopes.join(", ")}\n`;
}

function medianMs({ samples }: Row): number {
  return median(samples.map(({ wallMs }) => wallMs));
}
