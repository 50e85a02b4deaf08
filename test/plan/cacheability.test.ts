import { expect, test } from "bun:test";
import { absolutePath, workspacePath } from "../../src/base/path.ts";
import { decideCacheability } from "../../src/plan/cacheability.ts";
import type { Task } from "../../src/task/task.ts";

const auto = { isAuto: true, positive: [], negative: [] };
const cache = { env: [], untrackedEnv: [], input: auto, output: auto };

function task(origin: Task["origin"], setting: Task["cache"]): Task {
  return {
    id: { packagePath: workspacePath("a"), packageName: "a", task: "t" },
    origin,
    commands: [],
    cwd: absolutePath("/w/a"),
    dependencies: [],
    cache: setting,
    hooks: {},
  };
}

test("the task decides first, then the flag, then the workspace", () => {
  const outcomes: string[] = [];
  for (const origin of ["task", "script"] as const) {
    for (const setting of [cache, false] as const) {
      for (const flag of ["on", "off", undefined] as const) {
        for (const workspace of [
          { tasks: true, scripts: false },
          { tasks: false, scripts: true },
        ]) {
          const result = decideCacheability(task(origin, setting), {
            flag,
            workspace,
            isSwitchedOff: false,
          });
          const decision = result.kind === "on" ? "cached" : result.reason.kind;
          outcomes.push(
            `${origin} ${setting ? "default" : "cache:false"} ${flag ?? "no flag"} ` +
              `${workspace.tasks ? "tasks" : "scripts"}: ${decision}`,
          );
        }
      }
    }
  }
  expect(outcomes).toEqual([
    "task default on tasks: cached",
    "task default on scripts: cached",
    "task default off tasks: flag",
    "task default off scripts: flag",
    "task default no flag tasks: cached",
    "task default no flag scripts: workspace-config",
    "task cache:false on tasks: task-config",
    "task cache:false on scripts: task-config",
    "task cache:false off tasks: task-config",
    "task cache:false off scripts: task-config",
    "task cache:false no flag tasks: task-config",
    "task cache:false no flag scripts: task-config",
    "script default on tasks: cached",
    "script default on scripts: cached",
    "script default off tasks: flag",
    "script default off scripts: flag",
    "script default no flag tasks: workspace-config",
    "script default no flag scripts: cached",
    "script cache:false on tasks: task-config",
    "script cache:false on scripts: task-config",
    "script cache:false off tasks: task-config",
    "script cache:false off scripts: task-config",
    "script cache:false no flag tasks: task-config",
    "script cache:false no flag scripts: task-config",
  ]);
});

test("VT_CACHE=off wins over every flag, and what the task says is told first", () => {
  const decide = (setting: Parameters<typeof task>[1], flag: "on" | undefined) =>
    decideCacheability(task("task", setting), {
      flag,
      workspace: { tasks: true, scripts: true },
      isSwitchedOff: true,
    });
  expect(decide(cache, "on")).toEqual({ kind: "off", reason: { kind: "environment" } });
  expect(decide(false, undefined)).toEqual({ kind: "off", reason: { kind: "task-config" } });
});
