import type { Picture } from "./graph-picture.ts";

type Box = {
  readonly x: number;
  readonly y: number;
  readonly width: number;
};

export type Layout = {
  readonly boxes: ReadonlyMap<string, Box>;
  readonly width: number;
  readonly height: number;
};

export const boxHeight = 30;
const rowGap = 14;
const columnGap = 56;
const letterWidth = 7.5;
const boxPadding = 24;

/**
 * Places a picture in columns, from what waits for nothing to what waits longest. In a column each node
 * stands about where those do that it waits for. All in pixels.
 */
export function layOut({ nodes, edges }: Picture): Layout {
  const before = new Map<string, string[]>([...nodes.keys()].map((id) => [id, []]));
  for (const [from, to] of edges) before.get(to)?.push(from);
  const boxes = new Map<string, Box>();
  let x = 0;
  let height = 0;
  for (const [index, column] of columnsOf(before).entries()) {
    // An edge that passes over a column then runs between its boxes.
    const top = (index % 2) * ((boxHeight + rowGap) / 2);
    const width = Math.max(...column.map((id) => widthOf(nodes.get(id)?.label ?? "")));
    const middle = (id: string): number => {
      const ys = (before.get(id) ?? []).map((other) => boxes.get(other)?.y ?? 0);
      return ys.length === 0 ? 0 : ys.reduce((sum, y) => sum + y, 0) / ys.length;
    };
    const sorted = column.map((id) => ({ id, at: middle(id) })).sort((a, b) => a.at - b.at);
    for (const [row, { id }] of sorted.entries()) {
      const y = top + row * (boxHeight + rowGap);
      boxes.set(id, { x, y, width });
      height = Math.max(height, y + boxHeight);
    }
    x += width + columnGap;
  }
  return { boxes, width: Math.max(0, x - columnGap), height };
}

function widthOf(label: string): number {
  return Math.round(Bun.stringWidth(label) * letterWidth + boxPadding);
}

/** Each node as far to the left as its dependencies let it. */
function columnsOf(before: ReadonlyMap<string, readonly string[]>): readonly string[][] {
  const depths = new Map<string, number>();
  const measure = (id: string): void => {
    // A stack of its own: a chain of packages may be longer than the engine's.
    const open = [id];
    while (open.length > 0) {
      const top = open.at(-1) ?? id;
      const missing = (before.get(top) ?? []).filter((other) => !depths.has(other));
      if (missing.length > 0 && !depths.has(top)) {
        depths.set(top, -1); // Met again before it is done: part of a circle of nested runs.
        open.push(...missing);
        continue;
      }
      open.pop();
      const known = (before.get(top) ?? []).map((other) => depths.get(other) ?? -1);
      depths.set(top, Math.max(-1, ...known) + 1);
    }
  };
  const columns = new Map<number, string[]>();
  for (const id of before.keys()) {
    measure(id);
    const depth = depths.get(id) ?? 0;
    const column = columns.get(depth);
    if (column === undefined) columns.set(depth, [id]);
    else column.push(id);
  }
  return [...columns].sort(([a], [b]) => a - b).map(([, column]) => column);
}
