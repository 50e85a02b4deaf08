import { expect, test } from "bun:test";
import type { StepOutcome } from "../../src/execute/event.ts";
import type { ExecutionGraph, Step } from "../../src/plan/step.ts";
import { tasksLeftOut } from "../../src/report/left-out.ts";
import { displayTaskId } from "../../src/task/task.ts";
import { sampleStep } from "../execute/sample-step.ts";

type Sketch = Readonly<Record<string, readonly (string | Sketch)[]>>;

const outcomes: Readonly<Record<string, StepOutcome>> = {
  ok: { kind: "exited", code: 0, durationMs: 0 },
  bad: { kind: "exited", code: 1, durationMs: 0 },
  stopped: { kind: "cancelled" },
};

/** A graph in which the command of a step says how it ended; `not` never began. */
function build(sketch: Sketch, ended: Map<Step, StepOutcome>): ExecutionGraph {
  const nodes = Object.entries(sketch).map(([task, items]) => ({
    task: sampleStep("p", task, "").task,
    dependencies: [],
    items: items.map((item) => {
      if (typeof item !== "string") return { kind: "nested", graph: build(item, ended) } as const;
      const step = sampleStep("p", task, item);
      const outcome = outcomes[item];
      if (outcome !== undefined) ended.set(step, outcome);
      return { kind: "step", step } as const;
    }),
  }));
  return { nodes, concurrency: 4 };
}

const cases: readonly (readonly [rule: string, Sketch, leftOut: readonly string[]])[] = [
  ["all that ran: nothing", { a: ["ok"], b: ["bad"], c: ["stopped"] }, []],
  ["what never began", { a: ["bad"], b: ["not", "not"], c: ["not"] }, ["p#b", "p#c"]],
  ["the rest of what failed is none", { a: ["ok", "bad", "not"] }, []],
  ["the rest of what was stopped is none", { a: ["stopped", "not"] }, []],
  ["what was left in the middle", { a: ["bad"], b: ["ok", "not"] }, ["p#b"]],
  ["a task without a step can be left out by nobody", { a: ["bad"], b: [] }, []],
  ["of nested tasks the outermost", { a: ["bad"], b: [{ c: ["not"], d: ["not"] }] }, ["p#b"]],
  [
    "inside what began, the nested tasks",
    { b: ["ok", { c: ["bad"], d: ["not"] }, "not"] },
    ["p#d"],
  ],
  ["around what failed, nothing", { b: [{ c: ["bad"] }, "not"] }, []],
];

test.each(cases)("%s", (_rule, sketch, leftOut) => {
  const ended = new Map<Step, StepOutcome>();
  expect(tasksLeftOut(build(sketch, ended), ended).map(displayTaskId)).toEqual([...leftOut]);
});
