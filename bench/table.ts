import { type Goal, type Row, type Sample, subject } from "./measure.ts";
import { median, quantile, ratios } from "./statistics.ts";
import type { Result } from "./workloads.ts";

const heads = [
  "work",
  "by",
  "ms",
  "p10–p90",
  "CPU ms",
  "peak MiB",
  "vt ÷ this",
  "p10–p90",
  "of CPU",
  "goal",
];
/** From this column on, figures: they are aligned at the right. */
const firstFigure = 2;

/** All results as one Markdown table. Ratios are taken round by round; that of CPU time suffers least from a busy machine. */
export function renderTable(results: readonly Result[]): string {
  const rows = results.flatMap((result) =>
    result.rows.map((row, index) => describeRow(result, row, index === 0 ? result.name : "")),
  );
  const lines = [heads, ...rows];
  const widths = heads.map((_, column) =>
    Math.max(...lines.map((cells) => cells[column]?.length ?? 0)),
  );
  const ruler = widths.map((width, column) =>
    column < firstFigure || column === heads.length - 1
      ? "-".repeat(width)
      : `${"-".repeat(width - 1)}:`,
  );
  return [heads, ruler, ...rows].map((cells) => `${renderLine(cells, widths)}\n`).join("");
}

function describeRow({ rows, goals }: Result, row: Row, title: string): readonly string[] {
  const own = rows.find(({ name }) => name === subject);
  const others = own === undefined || own === row ? [] : own.samples;
  const wall = row.samples.map(({ wallMs }) => wallMs);
  const cpu = row.samples.map(({ cpuMs }) => cpuMs);
  const compared = ratios(
    others.map(({ wallMs }) => wallMs),
    wall,
  );
  const comparedCpu = ratios(
    others.map(({ cpuMs }) => cpuMs),
    cpu,
  );
  const goal = goals[row.name];
  return [
    title,
    row.name,
    figure(median(wall)),
    spread(wall),
    figure(median(cpu)),
    figure(peak(row.samples)),
    compared.length === 0 ? "" : median(compared).toFixed(2),
    compared.length === 0 ? "" : spread(compared),
    compared.length === 0 ? "" : median(comparedCpu).toFixed(2),
    goal === undefined ? "" : describeGoal(goal, { own: own ?? row, row, compared }),
  ];
}

function renderLine(cells: readonly string[], widths: readonly number[]): string {
  const padded = cells.map((cell, column) => {
    const width = widths[column] ?? 0;
    return column < firstFigure || column === cells.length - 1
      ? cell.padEnd(width)
      : cell.padStart(width);
  });
  return `| ${padded.join(" | ")} |`;
}

type Compared = { readonly own: Row; readonly row: Row; readonly compared: readonly number[] };

function describeGoal(goal: Goal, { own, row, compared }: Compared): string {
  const limits = [
    { what: "time", limit: goal.time, value: median(compared) },
    { what: "memory", limit: goal.memory, value: peak(own.samples) / peak(row.samples) },
    { what: "ms", limit: goal.ms, value: median(own.samples.map(({ wallMs }) => wallMs)) },
    { what: "MiB", limit: goal.mebibytes, value: peak(own.samples) },
  ];
  return limits
    .flatMap(({ what, limit, value }) =>
      limit === undefined ? [] : [`${what} ≤ ${limit} ${value <= limit ? "met" : "MISSED"}`],
    )
    .join(", ");
}

function peak(samples: readonly Sample[]): number {
  return median(samples.map(({ peakMebibytes }) => peakMebibytes));
}

function spread(values: readonly number[]): string {
  return `${figure(quantile(values, 0.1))}–${figure(quantile(values, 0.9))}`;
}

/** Three significant digits, as far as they stand behind the point. */
function figure(value: number): string {
  return value.toFixed(value < 9.995 ? 2 : value < 99.95 ? 1 : 0);
}
