import type { StepOutcome } from "../execute/event.ts";
import type { ExecutionGraph } from "../plan/step.ts";
import type { TaskId } from "../task/task.ts";
import { describeTask } from "./command-line-status.ts";
import { jsonTaskId } from "./plan-json.ts";
import type { RunSummary, StepSummary } from "./summary.ts";

/** What became of a step, or of a task, when it was last run. */
export type LastState = "hit" | "ran" | "failed" | "stopped" | "unknown";

type PictureNode = {
  readonly label: string;
  /** Of the last run, if the task was in it. */
  readonly state: LastState;
};

/** A plan as it is drawn: a node for each task, those of nested runs among them. */
export type Picture = {
  /** By id; those that come before are in front. */
  readonly nodes: ReadonlyMap<string, PictureNode>;
  /** Each says that one node waits for another. */
  readonly edges: readonly (readonly [before: string, after: string])[];
};

/** `lastRun` is the summary of whatever was run last: it may have other tasks, or some of these. */
export function pictureOf(graph: ExecutionGraph, lastRun: RunSummary | undefined): Picture {
  const nodes = new Map<string, PictureNode>();
  const edges = new Map<string, readonly [string, string]>();
  const states = statesOf(lastRun?.steps ?? []);
  const add = ({ nodes: list }: ExecutionGraph): readonly string[] => {
    const ids = list.map(({ task }) => jsonTaskId(task));
    for (const { task, items, dependencies } of list) {
      const id = jsonTaskId(task);
      const inside = items.flatMap((item) => (item.kind === "nested" ? add(item.graph) : []));
      const before = dependencies.flatMap((index) => ids[index] ?? []);
      for (const other of [...before, ...inside]) edges.set(`${other} ${id}`, [other, id]);
      if (!nodes.has(id)) nodes.set(id, nodeOf(task, states));
    }
    return ids;
  };
  add(graph);
  return { nodes, edges: [...edges.values()] };
}

/** What became of one step. */
export function lastStateOf(outcome: StepOutcome): LastState {
  switch (outcome.kind) {
    case "replayed":
      return "hit";
    case "exited":
      return outcome.code === 0 ? "ran" : "failed";
    case "not-started":
    case "timed-out":
      return "failed";
    case "cancelled":
      return "stopped";
  }
}

function nodeOf(task: TaskId, states: ReadonlyMap<string, LastState>): PictureNode {
  return { label: describeTask(task), state: states.get(jsonTaskId(task)) ?? "unknown" };
}

/** Of several steps of a task, the one that says most: a task is a hit when all of its steps are. */
const weights: readonly LastState[] = ["unknown", "hit", "ran", "stopped", "failed"];

function statesOf(steps: readonly StepSummary[]): ReadonlyMap<string, LastState> {
  const states = new Map<string, LastState>();
  for (const { task, outcome } of steps) {
    const id = jsonTaskId(task);
    const [known, state] = [states.get(id) ?? "unknown", lastStateOf(outcome)];
    if (weights.indexOf(state) > weights.indexOf(known)) states.set(id, state);
  }
  return states;
}
