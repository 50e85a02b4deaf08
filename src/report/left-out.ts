import { didSucceed, type StepOutcome } from "../execute/event.ts";
import type { ExecutionGraph, ExecutionNode, PlanItem, Step } from "../plan/step.ts";
import type { TaskId } from "../task/task.ts";

/**
 * The tasks that a run which ended early has left out, in the order of the plan: those of which no
 * step began, and those that were left before their end although nothing in them had failed. Of a
 * task that runs others only the outermost that never began is named.
 */
export function tasksLeftOut(
  graph: ExecutionGraph,
  ended: ReadonlyMap<Step, StepOutcome>,
): readonly TaskId[] {
  return graph.nodes.flatMap((node) => leftOutOf(node, ended));
}

function leftOutOf(
  { task, items }: ExecutionNode,
  ended: ReadonlyMap<Step, StepOutcome>,
): readonly TaskId[] {
  const steps = items.flatMap(stepsOf);
  const outcomes = steps.flatMap((step) => ended.get(step) ?? []);
  if (outcomes.length === steps.length) return [];
  if (outcomes.length === 0) return [task];
  const inside = items.flatMap((item) =>
    item.kind === "nested" ? tasksLeftOut(item.graph, ended) : [],
  );
  return inside.length === 0 && outcomes.every(didSucceed) ? [task] : inside;
}

function stepsOf(item: PlanItem): readonly Step[] {
  if (item.kind === "step") return [item.step];
  return item.graph.nodes.flatMap(({ items }) => items.flatMap(stepsOf));
}
