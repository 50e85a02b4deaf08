import { unreachable } from "../base/assert.ts";
import { isWithin, printable, type WorkspacePath, workspacePath } from "../base/path.ts";
import type { SkipReason } from "../cache/skip.ts";

/**
 * What a person may do so that the result is stored next time: lines to show below the reason, none
 * where there is nothing to be done. Patterns are relative to `packagePath`, the task's package.
 */
export function adviseOnSkip(reason: SkipReason, packagePath: WorkspacePath): readonly string[] {
  switch (reason.kind) {
    case "overlap":
      return exclude(reason.path, packagePath, {
        lead: "To cache it, say that the file is only written, or only read:",
        sides: ["input", "output"],
      });
    case "output-too-large":
    case "output-unsupported":
      return exclude(reason.path, packagePath, {
        lead: "To cache it without that output:",
        sides: ["output"],
      });
    case "written-by-another":
      return ['Let one task write it, or put the tasks in order with "dependsOn".'];
    case "input-changed":
      return adviseOnChange(reason, packagePath);
    case "input-unreadable":
      return exclude(reason.path, packagePath, { lead: notNeeded, sides: ["input"] });
    case "process-left-behind":
      return ['Let the command wait for it, or set "cache": false.'];
    case "output-changed":
      return ["Let the command wait for what still writes it."];
    case "trace-incomplete":
    case "trace-unavailable":
      return [listFilesAdvice];
    case "removed-foreign":
      return ['If clearing away is what the task is for, set "cache": false.'];
    case "wrote-outside":
      return ['If that is what the task is for, set "cache": false.'];
    case "too-many-outputs":
      return ['To cache it, name the outputs that are needed: "output": ["dist/**"]'];
    case "text-too-large":
      return ['Let the command print less, or set "cache": false.'];
    case "nested-run":
      return ['Make the nested `vt run` a command of its own, joined by "&&".'];
    case "part-replayed":
    case "run-twice":
      return ["The next run is stored."];
    case "declared-uncacheable":
    case "cancelled":
    case "interrupted":
    case "nonzero-exit":
    case "tool-message-invalid":
    case "cache-read-only":
    case "cache-trouble":
      return [];
    default:
      return unreachable(reason);
  }
}

const notNeeded = "If results do not depend on it:";

function adviseOnChange(
  { path, by }: Extract<SkipReason, { readonly kind: "input-changed" }>,
  packagePath: WorkspacePath,
): readonly string[] {
  if (by !== undefined)
    return [`Put the tasks in order: "dependsOn": [${JSON.stringify(printable(by))}]`];
  // What lies elsewhere cannot be named.
  if (path.startsWith("/")) return [];
  return exclude(workspacePath(path), packagePath, { lead: notNeeded, sides: ["input"] });
}

const listFilesAdvice =
  'To cache it without tracking, list its files in "input" and "output", without { "auto": true }.';

function exclude(
  path: WorkspacePath,
  packagePath: WorkspacePath,
  advice: { readonly lead: string; readonly sides: readonly ("input" | "output")[] },
): readonly string[] {
  if (!path.isWellFormed()) return []; // A configuration file cannot name it.
  const pattern = excludePattern(path, packagePath);
  return [
    advice.lead,
    ...advice.sides.map((side) => `  "${side}": [{ "auto": true }, ${pattern}]`),
  ];
}

/** As an entry of a configuration: relative to the package where that is possible. */
function excludePattern(path: WorkspacePath, packagePath: WorkspacePath): string {
  const isInPackage = isWithin(path, packagePath);
  const lead = packagePath === "" ? 0 : packagePath.length + 1;
  const pattern = JSON.stringify(`!${escapeGlob(isInPackage ? path.slice(lead) : path)}`);
  return isInPackage ? pattern : `{ "pattern": ${pattern}, "base": "workspace" }`;
}

function escapeGlob(path: string): string {
  return path.replace(/[\\*?[\]{}()]/g, "\\$&");
}
