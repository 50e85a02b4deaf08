import { expect, test } from "bun:test";
import { type GraphOrder, reachable, sortTopologically } from "../../src/base/graph.ts";

const order = (graph: Readonly<Record<string, readonly string[]>>): GraphOrder<string> =>
  sortTopologically(new Map(Object.entries(graph)));

const cases: readonly (readonly [
  what: string,
  graph: Readonly<Record<string, readonly string[]>>,
  kind: "sorted" | "cycle",
  nodes: readonly string[],
])[] = [
  ["an empty graph", {}, "sorted", []],
  ["nodes without dependencies, in their order", { b: [], a: [] }, "sorted", ["b", "a"]],
  ["a chain, its end first", { a: ["b"], b: ["c"], c: [] }, "sorted", ["c", "b", "a"]],
  ["a diamond", { a: ["b", "c"], b: ["d"], c: ["d"], d: [] }, "sorted", ["d", "b", "c", "a"]],
  ["a dependency that is no node", { a: ["x"] }, "sorted", ["a"]],
  ["a node that depends on itself", { a: ["a"] }, "cycle", ["a"]],
  ["two that depend on each other", { a: ["b"], b: ["a"] }, "cycle", ["a", "b"]],
  ["a cycle behind a way in", { a: ["b"], b: ["c"], c: ["d"], d: ["b"] }, "cycle", ["b", "c", "d"]],
];

test.each(cases)("the order of %s", (_what, graph, kind, nodes) => {
  expect(order(graph)).toEqual({ kind, nodes });
});

test("a chain of 100,000 is sorted without running out of stack", () => {
  const graph = new Map(Array.from({ length: 100_000 }, (_, index) => [index, [index + 1]]));
  const { kind, nodes } = sortTopologically(graph);
  expect([kind, nodes[0], nodes.length]).toEqual(["sorted", 99_999, 100_000]);
});

test("what can be reached includes the start, also in a cycle", () => {
  const graph = new Map([
    ["a", ["b"]],
    ["b", ["a", "c"]],
    ["d", ["a"]],
  ]);
  expect([...reachable(graph, ["a"])]).toEqual(["a", "b", "c"]);
});
