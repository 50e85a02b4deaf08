import type { Task, TaskCache } from "../task/task.ts";
import type { CacheOffReason } from "./step.ts";

/** What stands above the settings of a single task. */
export type CacheSwitches = {
  /** `cache` of the root's `vite-task.json`. */
  readonly workspace: { readonly tasks: boolean; readonly scripts: boolean };
  /** `--cache` or `--no-cache`, of the innermost run that has one. */
  readonly flag: "on" | "off" | undefined;
  /** `VT_CACHE=off`: no flag says otherwise. */
  readonly isSwitchedOff: boolean;
};

export type Cacheability =
  | { readonly kind: "on"; readonly cache: TaskCache }
  | { readonly kind: "off"; readonly reason: CacheOffReason };

/** Whether the processes of a task are looked up in the cache. The first rule that applies decides. */
export function decideCacheability(task: Task, switches: CacheSwitches): Cacheability {
  const { cache } = task;
  if (cache === false) return off("task-config");
  if (switches.isSwitchedOff) return off("environment");
  if (switches.flag === "off") return off("flag");
  if (switches.flag === "on") return { kind: "on", cache };
  const isOn = task.origin === "script" ? switches.workspace.scripts : switches.workspace.tasks;
  return isOn ? { kind: "on", cache } : off("workspace-config");
}

function off(kind: CacheOffReason["kind"]): Cacheability {
  return { kind: "off", reason: { kind } };
}
