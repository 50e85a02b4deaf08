import { columns, type Row } from "./play.ts";

/** One line for each tool, with `yes` or `NO` in each column. */
export function showTable(
  rows: readonly (readonly [name: string, row: Row | undefined])[],
): string {
  const lines = rows.map(([name, row]) => [
    name,
    ...columns.map((column) => (row?.[column].length === 0 ? "yes" : "NO")),
  ]);
  const all = [["", ...columns], ...lines];
  const widths = all[0]?.map((_, index) =>
    Math.max(...all.map((line) => line[index]?.length ?? 0)),
  );
  const pad = (word: string, index: number): string => word.padEnd(widths?.[index] ?? 0);
  return all.map((line) => line.map(pad).join("  ").trimEnd()).join("\n");
}
