import type { ExecutionGraph, Step } from "../plan/step.ts";

/** Where a step stands: a graph, a node in it, an item of that node, and so on inwards. */
type Place = readonly {
  readonly graph: ExecutionGraph;
  readonly node: number;
  readonly item: number;
}[];

/** Tells whether two steps of a run can never run at once. Worked out when first asked, which is rarely. */
export class RunOrder {
  readonly #graph: ExecutionGraph;
  #places: Map<Step, Place> | undefined;

  constructor(graph: ExecutionGraph) {
    this.#graph = graph;
  }

  /** Whether one of them ends before the other begins, whatever the timing. */
  areOrdered(a: Step, b: Step): boolean {
    this.#places ??= placesOf(this.#graph);
    const [placeA = [], placeB = []] = [this.#places.get(a), this.#places.get(b)];
    for (const [depth, { graph, node, item }] of placeA.entries()) {
      const other = placeB[depth];
      if (other === undefined) return true;
      if (node !== other.node)
        return isReachable(graph, node, other.node) || isReachable(graph, other.node, node);
      if (item !== other.item) return true;
    }
    return true;
  }
}

function placesOf(root: ExecutionGraph): Map<Step, Place> {
  const places = new Map<Step, Place>();
  const visit = (graph: ExecutionGraph, outer: Place): void => {
    for (const [node, { items }] of graph.nodes.entries()) {
      for (const [item, part] of items.entries()) {
        const place = [...outer, { graph, node, item }];
        if (part.kind === "step") places.set(part.step, place);
        else visit(part.graph, place);
      }
    }
  };
  visit(root, []);
  return places;
}

/** Whether `from` has `to` among what must have ended before it. */
function isReachable(graph: ExecutionGraph, from: number, to: number): boolean {
  const pending = [from];
  const seen = new Set(pending);
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    for (const dependency of graph.nodes[node]?.dependencies ?? []) {
      if (dependency === to) return true;
      if (!seen.has(dependency)) pending.push(dependency);
      seen.add(dependency);
    }
  }
  return false;
}
