import type { ExecutionGraph, PlanItem, Step } from "../plan/step.ts";

/** Items of a node that are dealt with together. */
export type NodePart =
  | { readonly kind: "nested"; readonly graph: ExecutionGraph }
  /** Steps that follow each other and can be one to the cache; a single step where it cannot. */
  | { readonly kind: "row"; readonly steps: readonly Step[] };

/** A row ends where something is run of which nothing will be known: a nested run, an uncached process. */
export function rowsOf(items: readonly PlanItem[]): readonly NodePart[] {
  const parts: NodePart[] = [];
  let row: Step[] = [];
  for (const item of items) {
    if (item.kind === "step" && isTransparent(item.step)) {
      if (row.length === 0) parts.push({ kind: "row", steps: row });
      row.push(item.step);
      continue;
    }
    row = [];
    parts.push(item.kind === "nested" ? item : { kind: "row", steps: [item.step] });
  }
  return parts;
}

/** Whether it is known what the step does to the tree: `echo`, which vt does itself, does nothing. */
function isTransparent({ cache, action }: Step): boolean {
  return cache.kind === "on" || action.kind === "echo";
}
