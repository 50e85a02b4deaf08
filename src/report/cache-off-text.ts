import { unreachable } from "../base/assert.ts";
import type { CacheStatus } from "../execute/event.ts";
import type { CacheOffReason } from "../plan/step.ts";

/** Where it is off for want of a word in the configuration. */
export const cacheScriptsAdvice =
  'To cache tasks and scripts: { "cache": true } in the vite-task.json of the root, or --cache for one run.';

/** Whether nothing at all of a run was looked up, and the configuration could change that. */
export function isOffThroughout(statuses: readonly CacheStatus[]): boolean {
  return (
    statuses.every(({ kind }) => kind === "off") &&
    statuses.some((status) => status.kind === "off" && status.reason.kind === "workspace-config")
  );
}

/** Why a step is not looked up, to follow "cache disabled". */
export function describeOff(reason: CacheOffReason): string {
  switch (reason.kind) {
    case "built-in":
      return "for built-in command";
    case "task-config":
      return "in task configuration";
    case "workspace-config":
      return "in workspace configuration";
    case "flag":
      return "on the command line";
    case "environment":
      return "by VT_CACHE";
    case "nested-command":
      return "for nested vt command";
    default:
      return unreachable(reason);
  }
}
