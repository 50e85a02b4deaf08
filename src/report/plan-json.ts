import type { WorkspacePath } from "../base/path.ts";
import type { Forecasts } from "../execute/foresee.ts";
import type { ExecutionGraph, PlanItem } from "../plan/step.ts";
import type { TaskId } from "../task/task.ts";

/** Raised whenever a field goes away or changes its meaning; `docs/formats.md` has the shape. */
export const jsonFormat = 1;

/** A plan as JSON, with what would become of each step where that is known. */
export function planJson(graph: ExecutionGraph, forecasts: Forecasts): string {
  return toJson({ format: jsonFormat, ...graphData(graph, forecasts) });
}

/** As every `--json` prints it: indented, with a line break at the end. */
export function toJson(data: object): string {
  return `${JSON.stringify(data, undefined, 2)}\n`;
}

/** Names a task in JSON: unlike its name, no two have the same. */
export function jsonTaskId({ packagePath, task }: Pick<TaskId, "packagePath" | "task">): string {
  return `${jsonPath(packagePath)}#${task}`;
}

export function jsonPath(path: WorkspacePath): string {
  return path === "" ? "." : path;
}

function graphData({ nodes, concurrency }: ExecutionGraph, forecasts: Forecasts): object {
  return {
    // JSON has no Infinity.
    concurrency: Number.isFinite(concurrency) ? concurrency : null,
    tasks: nodes.map(({ task, dependencies, items }) => ({
      id: jsonTaskId(task),
      package: task.packageName === "" ? null : task.packageName,
      path: jsonPath(task.packagePath),
      task: task.task,
      after: dependencies.flatMap((index) => {
        const node = nodes[index];
        return node === undefined ? [] : [jsonTaskId(node.task)];
      }),
      steps: items.map((item) => itemData(item, forecasts)),
    })),
  };
}

function itemData(item: PlanItem, forecasts: Forecasts): object {
  if (item.kind === "nested") return { run: graphData(item.graph, forecasts) };
  const { step } = item;
  const { action } = step;
  const { kind, ...rest } = forecasts.get(step) ?? { kind: "unknown" };
  return {
    command: step.commandText,
    directory: step.cwdText === "" ? "." : step.cwdText,
    ...(action.kind === "process" && { program: action.program, args: action.args }),
    status: kind,
    ...("after" in rest ? { ...rest, after: jsonTaskId(rest.after) } : rest),
  };
}
