import type { Palette } from "../base/ansi.ts";
import { printable } from "../base/path.ts";
import type { Task } from "../task/task.ts";
import type { ListedTask } from "../task/task-list.ts";
import { jsonFormat, jsonPath, jsonTaskId, toJson } from "./plan-json.ts";

/** A longer name does not push the commands of all others aside. */
const nameWidthMax = 40;

/** A line for each task: what to type, and what it runs. */
export function describeTasks(tasks: readonly ListedTask[], palette: Palette): string {
  const rows = tasks.map(({ task, name }) => [printable(name), describeCommands(task)] as const);
  const width = Math.min(nameWidthMax, Math.max(0, ...rows.map(([name]) => name.length)));
  return rows
    .map(([name, text]) => `  ${`${palette.blue(name)}${pad(name, width)}  ${text}`.trimEnd()}\n`)
    .join("");
}

function pad(name: string, width: number): string {
  return " ".repeat(Math.max(0, width - name.length));
}

function describeCommands({ commands }: Task): string {
  return printable(commands.join(" && "));
}

/** The same as JSON; `docs/formats.md` has the shape. */
export function tasksJson(tasks: readonly ListedTask[], all: ReadonlyMap<string, Task>): string {
  return toJson({
    format: jsonFormat,
    tasks: tasks.map(({ task: { id, origin, commands, dependencies, cache } }) => ({
      id: jsonTaskId(id),
      package: id.packageName === "" ? null : id.packageName,
      packagePath: jsonPath(id.packagePath),
      task: id.task,
      kind: origin === "task" ? "task" : "script",
      command: commands.join(" && "),
      dependsOn: dependencies.flatMap((key) => {
        const dependency = all.get(key);
        return dependency === undefined ? [] : [jsonTaskId(dependency.id)];
      }),
      isCacheable: cache !== false,
    })),
  });
}
