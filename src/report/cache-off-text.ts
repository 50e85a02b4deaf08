import { unreachable } from "../base/assert.ts";
import type { CacheOffReason } from "../plan/step.ts";

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
