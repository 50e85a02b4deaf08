import type { Result } from "./measure.ts";
import { median } from "./statistics.ts";

/** What one more package costs each runner on a hit: between the smallest and the largest that were measured. */
export function describeGrowth(results: readonly Result[]): string {
  const hits = results.flatMap((result) => {
    const packages = /^hit, (\d+) packages$/.exec(result.workload)?.[1];
    return packages === undefined ? [] : [{ packages: Number(packages), rows: result.rows }];
  });
  const [first, last] = [hits.at(0), hits.at(-1)];
  if (first === undefined || last === undefined || first === last) return "";
  const slopes = last.rows.flatMap(({ name, samples }) => {
    const before = first.rows.find((row) => row.name === name);
    if (before === undefined) return [];
    const grown = median(samples.map(({ wallMs }) => wallMs)) - median(before.samples.map(({ wallMs }) => wallMs));
    return [`${name} ${(grown / (last.packages - first.packages)).toFixed(3)}`];
  });
  return `Each further package of a hit costs, in ms (from ${first.packages} to ${last.packages}): ${slopes.join(", ")}.\n`;
}
