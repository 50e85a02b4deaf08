import type { Row } from "./measure.ts";
import { median } from "./statistics.ts";
import type { Result } from "./workloads.ts";

/**
 * What one more package costs each contestant: the difference between the smallest and the largest
 * workspace that was measured. "" where there was only one.
 */
export function describeGrowth(results: readonly Result[]): string {
  const series = results.filter(({ packages }) => packages !== undefined);
  const [first, last] = [series.at(0), series.at(-1)];
  if (first?.packages === undefined || last?.packages === undefined || first === last) return "";
  const added = last.packages - first.packages;
  const slopes = last.rows.flatMap((row) => {
    const before = first.rows.find(({ name }) => name === row.name);
    if (before === undefined) return [];
    return [`${row.name} ${((medianMs(row) - medianMs(before)) / added).toFixed(3)}`];
  });
  return `A hit takes this many ms more per package, from ${first.packages} to ${last.packages}: ${slopes.join(", ")}\n`;
}

function medianMs({ samples }: Row): number {
  return median(samples.map(({ wallMs }) => wallMs));
}
