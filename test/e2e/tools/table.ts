import { columns, type Row } from "./play.ts";

/** One line for each tool, with `yes` or `NO` in each column. */
export function showTable(rows: ReadonlyMap<string, Row>): string {
  const lines = [...rows].map(([name, row]) => [
    name,
    ...columns.map((column) => (row[column].length === 0 ? "yes" : "NO")),
  ]);
  const all = [["", ...columns], ...lines];
  const width = (index: number): number => Math.max(...all.map((line) => line[index]?.length ?? 0));
  const widths = (all[0] ?? []).map((_, index) => width(index));
  return all
    .map((line) =>
      line
        .map((word, index) => word.padEnd(widths[index] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
