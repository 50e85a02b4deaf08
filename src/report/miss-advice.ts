import { printable } from "../base/path.ts";
import { adviseOnSkip } from "./skip-advice.ts";
import type { StepSummary } from "./summary.ts";

/**
 * What a person may do so that the step hits next time: lines to show below the reason of its miss, none
 * where the miss is as it should be, or where the same is said of the result that was not stored.
 */
export function adviseOnMiss({ status, outcome, task }: StepSummary): readonly string[] {
  if (status.kind !== "miss") return [];
  const { reason } = status;
  switch (reason.kind) {
    case "env-changed":
      return untrack(reason.names);
    case "tool-env-changed":
      return untrack([reason.name]);
    case "last-run-not-stored": {
      const isSaidBelow = outcome.kind === "exited" && outcome.store?.kind === "not-stored";
      return isSaidBelow ? [] : adviseOnSkip(reason.reason, task.packagePath);
    }
    default:
      return [];
  }
}

function untrack(names: readonly string[]): readonly string[] {
  const list = names.map((name) => JSON.stringify(printable(name))).join(", ");
  return [
    `If results do not depend on ${names.length === 1 ? "it" : "them"}: "untrackedEnv": [${list}], and not "env".`,
  ];
}
