/** Each node with the nodes it depends on. A dependency that is no node of the graph is ignored. */
export type Graph<Node> = ReadonlyMap<Node, readonly Node[]>;

export type GraphOrder<Node> =
  | { readonly kind: "sorted"; readonly nodes: readonly Node[] }
  /** A closed way along dependencies: the first node is not repeated at the end. */
  | { readonly kind: "cycle"; readonly nodes: readonly Node[] };

/**
 * Every node after its dependencies, otherwise in the order in which the graph lists them; or the
 * first cycle met on the way.
 */
export function sortTopologically<Node>(graph: Graph<Node>): GraphOrder<Node> {
  const sorted = new Set<Node>();
  // A stack of its own, since a chain of ten thousand packages is longer than the engine's.
  const path: { node: Node; rest: Node[] }[] = [];
  const onPath = new Set<Node>();
  const enter = (node: Node): void => {
    onPath.add(node);
    path.push({ node, rest: [...(graph.get(node) ?? [])].reverse() });
  };
  for (const start of graph.keys()) {
    if (!sorted.has(start)) enter(start);
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const next = top.rest.pop();
      if (next === undefined) {
        path.pop();
        onPath.delete(top.node);
        sorted.add(top.node);
      } else if (onPath.has(next)) {
        const nodes = path.map(({ node }) => node);
        return { kind: "cycle", nodes: nodes.slice(nodes.indexOf(next)) };
      } else if (!sorted.has(next) && graph.has(next)) {
        enter(next);
      }
    }
  }
  return { kind: "sorted", nodes: [...sorted] };
}

/** Everything that can be reached from `starts` along dependencies, the starts included. */
export function reachable<Node>(graph: Graph<Node>, starts: Iterable<Node>): ReadonlySet<Node> {
  const found = new Set(starts);
  // A Set hands out what is added to it while it is being walked.
  for (const node of found) {
    for (const next of graph.get(node) ?? []) found.add(next);
  }
  return found;
}
