import type { Palette } from "../base/ansi.ts";
import { cut } from "./width.ts";

/** So many rows of choices are shown, the names of groups included. */
const rowsMax = 12;

/** A longer name does not push the commands of all others aside. */
const nameWidthMax = 30;

/** What is to be shown of a list to choose from. */
export type SelectionView = {
  /** Why there is something to choose: `Task "buidl" not found.` */
  readonly header: string | undefined;
  readonly query: string;
  readonly matches: readonly SelectionRow[];
  readonly marked: number;
};

type SelectionRow = {
  readonly task: string;
  readonly command: string;
  readonly group: string | undefined;
};

/** Lines that fit a terminal of that size; none is as wide as it. */
export function describeSelection(
  view: SelectionView,
  size: { readonly rows: number; readonly columns: number },
  palette: Palette,
): readonly string[] {
  const width = size.columns - 1;
  const query = view.query === "" ? "" : ` ${view.query}`;
  const head = [
    ...(view.header === undefined ? [] : [cut(view.header, width)]),
    cut(`Select a task (↑/↓, Enter to run, type to search):${query}`, width),
    "",
  ];
  if (view.matches.length === 0)
    return [...head, cut("  No matching tasks. Press Escape to clear search.", width)];
  const room = Math.max(1, Math.min(rowsMax, size.rows - head.length - 2));
  const { lines, hidden } = visibleRows(view, room, width, palette);
  return [...head, ...lines, ...(hidden > 0 ? [cut(`  (…${hidden} more)`, width)] : [])];
}

type Line = { readonly text: string; readonly index: number | undefined };

/** A window of the list that has the marked row in it, and the name of its group if there is room. */
function visibleRows(
  { matches, marked }: SelectionView,
  room: number,
  width: number,
  palette: Palette,
): { readonly lines: readonly string[]; readonly hidden: number } {
  const nameWidth = Math.min(
    nameWidthMax,
    Math.max(...matches.map(({ task }) => Bun.stringWidth(task))),
  );
  const lines: Line[] = [];
  let group: string | undefined;
  for (const [index, row] of matches.entries()) {
    if (row.group !== group && row.group !== undefined)
      lines.push({ text: palette.brightBlack(cut(`    ${row.group}`, width)), index: undefined });
    group = row.group;
    const lead = index === marked ? "  › " : "    ";
    lines.push({ text: describeRow(row, lead, nameWidth, { width, palette }), index });
  }
  const at = lines.findIndex(({ index }) => index === marked);
  const first = Math.max(0, Math.min(at - Math.floor(room / 2), lines.length - room));
  const shown = lines.slice(first, first + room);
  // The name of a group of which nothing is shown says nothing.
  if (shown.length > 1 && shown.at(-1)?.index === undefined) shown.pop();
  const shownChoices = shown.filter(({ index }) => index !== undefined).length;
  return { lines: shown.map(({ text }) => text), hidden: matches.length - shownChoices };
}

function describeRow(
  { task, command, group }: SelectionRow,
  lead: string,
  nameWidth: number,
  { width, palette }: { readonly width: number; readonly palette: Palette },
): string {
  const indent = group === undefined ? "" : "  ";
  const name = cut(task, Math.max(1, width - lead.length - indent.length));
  const gap = " ".repeat(Math.max(0, nameWidth - Bun.stringWidth(name)) + 2);
  const left = lead.length + indent.length + Bun.stringWidth(name) + gap.length;
  const rest = width - left >= 4 ? `${gap}${palette.brightBlack(cut(command, width - left))}` : "";
  return `${lead}${indent}${palette.bold(palette.blue(name))}${rest}`;
}
