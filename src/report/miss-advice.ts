import { printable, type WorkspacePath } from "../base/path.ts";
import type { MissReason } from "../cache/miss.ts";
import type { Advice } from "./advice.ts";
import { adviseOnSkip } from "./skip-advice.ts";

/**
 * What a person may do so that a step of the package at `packagePath` hits next time; undefined where the
 * miss is as it should be.
 */
export function adviseOnMiss(reason: MissReason, packagePath: WorkspacePath): Advice | undefined {
  switch (reason.kind) {
    case "env-changed":
      return untrack(reason.names);
    case "tool-env-changed":
      return untrack([reason.name]);
    case "part-changed":
      return adviseOnMiss(reason.reason, packagePath);
    case "last-run-not-stored":
      return adviseOnSkip(reason.reason, packagePath);
    default:
      return undefined;
  }
}

function untrack(names: readonly string[]): Advice {
  const list = names.map((name) => JSON.stringify(printable(name))).join(", ");
  const those = names.length === 1 ? "it" : "them";
  return {
    text: `If results do not depend on ${those}, take ${those} out of "env", and write:`,
    settings: [`"untrackedEnv": [${list}]`],
  };
}
