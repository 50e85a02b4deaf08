import { expect, test } from "bun:test";
import { workspacePath } from "../../src/base/path.ts";
import type { ExecutionGraph, ExecutionNode, PlanItem } from "../../src/plan/step.ts";
import { pageText } from "../../src/report/graph-page.ts";
import { type LastState, pictureOf } from "../../src/report/graph-picture.ts";
import { dotText, mermaidText } from "../../src/report/graph-text.ts";
import type { RunSummary, StepSummary } from "../../src/report/summary.ts";

const task = (name: string) => {
  const [packageName = "", own = ""] = name.split("#");
  return { packagePath: workspacePath(`packages/${packageName}`), packageName, task: own };
};

function node(
  name: string,
  dependencies: readonly number[],
  items: PlanItem[] = [],
): ExecutionNode {
  return { task: task(name), items, dependencies };
}

const graph = (...nodes: readonly ExecutionNode[]): ExecutionGraph => ({ nodes, concurrency: 4 });

function step(name: string, outcome: StepSummary["outcome"]): StepSummary {
  return {
    task: task(name),
    commandText: 'node "<x>" & done',
    cwdText: "packages/a",
    status: { kind: "miss", reason: { kind: "env-changed", names: ["<A>"] } },
    outcome,
    startMs: 0,
    endMs: 1500,
  };
}

const exited = (code: number): StepSummary["outcome"] => ({ kind: "exited", code, durationMs: 1 });
const replayed: StepSummary["outcome"] = { kind: "replayed", savedMs: 1 };

function run(...steps: readonly StepSummary[]): RunSummary {
  return { steps, exitCode: 0, durationMs: 1500 };
}

function states(...steps: readonly StepSummary[]): readonly LastState[] {
  const picture = pictureOf(graph(node("a#x", []), node("b#x", [0])), run(...steps));
  return [...picture.nodes.values()].map(({ state }) => state);
}

test("the tasks of a nested run stand before the one that asks for them, each once", () => {
  const inner = graph(node("b#x", []), node("c#x", [0]));
  const nested: PlanItem = { kind: "nested", graph: inner };
  const { nodes, edges } = pictureOf(
    graph(node("b#x", []), node("a#all", [0], [nested, nested])),
    undefined,
  );
  expect([...nodes.keys()]).toEqual(["packages/b#x", "packages/c#x", "packages/a#all"]);
  expect(edges).toEqual([
    ["packages/b#x", "packages/c#x"],
    ["packages/b#x", "packages/a#all"],
    ["packages/c#x", "packages/a#all"],
  ]);
});

test("a task is a hit when all of its steps are, and failed when one is", () => {
  expect(states()).toEqual(["unknown", "unknown"]);
  expect(states(step("a#x", replayed), step("a#x", replayed))).toEqual(["hit", "unknown"]);
  expect(states(step("a#x", replayed), step("a#x", exited(0)))).toEqual(["ran", "unknown"]);
  expect(states(step("a#x", exited(3)), step("a#x", exited(0)))).toEqual(["failed", "unknown"]);
  expect(states(step("a#x", exited(0)), step("b#x", { kind: "cancelled" }))).toEqual([
    "ran",
    "stopped",
  ]);
});

test("names cannot break out of a drawing", () => {
  const picture = pictureOf(graph(node('a#"]; evil["<b>\\', [])), undefined);
  expect(mermaidText(picture)).toBe('flowchart LR\n  n0["a##quot;]; evil[#quot;#lt;b#gt;\\"]\n');
  expect(dotText(picture)).toContain('[label="a#\\"]; evil[\\"<b>\\\\", fillcolor=');
  const page = pageText("<script>", picture, run(step("a#<script>", exited(0))));
  expect(page).not.toContain("<script>");
  expect(page).not.toContain("<b>");
});

test("the page needs nothing from anywhere, and shows the plan and the last run", () => {
  const picture = pictureOf(graph(node("a#x", []), node("b#x", [0])), undefined);
  const page = pageText("vt run -r x", picture, run(step("a#x", exited(0)), step("b#x", replayed)));
  // The one address in it is the name of a format.
  const addresses = new Set(page.match(/https?:[^"]*/g));
  expect([...addresses]).toEqual(["http://www.w3.org/2000/svg"]);
  expect(page).not.toMatch(/\b(src|href|import|url)\b\s*[=(]/);
  expect(page).toContain("<h1>vt run -r x</h1>");
  expect(page).toContain("2 steps in 1.50s, exit 0");
  expect(page).toContain("env &#39;&lt;A>&#39; changed".replaceAll("&#39;", "'"));
  expect(page.match(/<svg/g)).toHaveLength(2);
  expect(page.match(/<rect class="bar"/g)).toHaveLength(2);
  expect(page.match(/<rect class="box"/g)).toHaveLength(2);
});

test("of a run that was recalled as a whole there is no timeline, and the page says why", () => {
  const picture = pictureOf(graph(node("a#x", [])), undefined);
  const steps = [{ ...step("a#x", replayed), endMs: 0 }];
  const page = pageText("vt run x", picture, { ...run(...steps), isRecalled: true });
  expect(page.match(/<svg/g)).toHaveLength(1);
  expect(page).toContain("none has a time of its own");
  expect(page).not.toContain("0ms");
  expect(page).toContain("1 steps in 1.50s, exit 0");
});

test("a chain of ten thousand tasks is laid out", () => {
  const nodes = Array.from({ length: 10_000 }, (_, index) =>
    node(`p${index}#x`, index === 0 ? [] : [index - 1]),
  );
  const page = pageText("vt run x", pictureOf(graph(...nodes), undefined), undefined);
  expect(page.match(/<rect class="box"/g)).toHaveLength(10_000);
});
