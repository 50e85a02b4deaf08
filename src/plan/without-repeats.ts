import { reachable, sortTopologically } from "../base/graph.ts";
import { taskKey } from "../task/task.ts";
import type { ExecutionNode, PlanItem } from "./step.ts";

/** Nodes by what must come before each of them. */
type Order = Map<ExecutionNode, readonly ExecutionNode[]>;

/**
 * Leaves out each node that a nested run of another one holds, too: two processes of one task would get into
 * each other's way. What waited for it waits for the other one. It stays where that could change the order:
 * where the other one waits for it, or it for something else.
 */
export function withoutRepeats(nodes: readonly ExecutionNode[]): readonly ExecutionNode[] {
  const holders = findHolders(nodes);
  if (holders.size === 0) return nodes;
  const order: Order = new Map(
    nodes.map((node) => [node, node.dependencies.flatMap((index) => nodes[index] ?? [])]),
  );
  for (const node of nodes) {
    const holder = holders
      .get(taskKey(node.task))
      ?.find((candidate) => order.has(candidate.holder) && canStandFor(candidate, node, order));
    if (holder !== undefined) replace(node, holder.holder, order);
  }
  return inOrder(order);
}

/** A node in whose nested runs the other is. */
type Held = { readonly holder: ExecutionNode; readonly held: ExecutionNode };

function findHolders(nodes: readonly ExecutionNode[]): ReadonlyMap<string, readonly Held[]> {
  const holders = new Map<string, Held[]>();
  for (const holder of nodes) {
    for (const held of nodesInside(holder.items)) {
      const key = taskKey(held.task);
      holders.set(key, [...(holders.get(key) ?? []), { holder, held }]);
    }
  }
  return holders;
}

function nodesInside(items: readonly PlanItem[]): readonly ExecutionNode[] {
  return items.flatMap((item) =>
    item.kind === "step"
      ? []
      : item.graph.nodes.flatMap((node) => [node, ...nodesInside(node.items)]),
  );
}

function canStandFor({ holder, held }: Held, node: ExecutionNode, order: Order): boolean {
  return (
    holder !== node &&
    (order.get(node) ?? []).every((before) => before === holder) &&
    !reachable(order, [holder]).has(node) &&
    Bun.deepEquals(held.items, node.items)
  );
}

function replace(node: ExecutionNode, holder: ExecutionNode, order: Order): void {
  order.delete(node);
  for (const [other, before] of order) {
    if (!before.includes(node)) continue;
    const changed = before.map((one) => (one === node ? holder : one));
    order.set(other, [...new Set(changed)]);
  }
}

function inOrder(order: Order): readonly ExecutionNode[] {
  const sorted = sortTopologically(order).nodes;
  const indices = new Map(sorted.map((node, index) => [node, index]));
  return sorted.map((node) => ({
    ...node,
    dependencies: (order.get(node) ?? []).flatMap((before) => indices.get(before) ?? []),
  }));
}
