import { isWithin, printable, type WorkspacePath } from "../base/path.ts";
import type { SkipReason } from "../cache/skip.ts";

/**
 * What a person may do so that the result is stored next time: lines to show below the reason, none
 * where there is nothing to be done. Patterns are relative to `packagePath`, the task's package.
 */
export function adviseOnSkip(reason: SkipReason, packagePath: WorkspacePath): readonly string[] {
  switch (reason.kind) {
    case "overlap":
      return adviseToExclude(
        "To cache it, say that the file is only written, or only read:",
        reason.path,
        [
          ["input", packagePath],
          ["output", packagePath],
        ],
      );
    case "output-too-large":
    case "output-unsupported":
      return adviseToExclude("To cache it without that output:", reason.path, [
        ["output", packagePath],
      ]);
    case "written-by-another":
      return ['Let one task write it, or put the tasks in order with "dependsOn".'];
    case "input-changed":
      return reason.by === undefined
        ? []
        : [`Put the tasks in order: "dependsOn": [${JSON.stringify(printable(reason.by))}]`];
    case "process-left-behind":
      return ['Let the command wait for it, or set "cache": false.'];
    case "trace-incomplete":
    case "trace-unavailable":
      return [listFilesAdvice];
    case "wrote-outside":
      return ['If that is what the task is for, set "cache": false.'];
    default:
      return [];
  }
}

const listFilesAdvice =
  'To cache it without tracking, list its files in "input" and "output", without { "auto": true }.';

type Side = readonly [name: "input" | "output", packagePath: WorkspacePath];

function adviseToExclude(
  lead: string,
  path: WorkspacePath,
  sides: readonly Side[],
): readonly string[] {
  if (!path.isWellFormed()) return []; // No pattern can name it.
  return [
    lead,
    ...sides.map(
      ([name, packagePath]) =>
        `  "${name}": [{ "auto": true }, ${excludePattern(path, packagePath)}]`,
    ),
  ];
}

/** As an entry of a configuration: relative to the package where that is possible. */
function excludePattern(path: WorkspacePath, packagePath: WorkspacePath): string {
  if (packagePath === "") return JSON.stringify(`!${escapeGlob(path)}`);
  if (isWithin(path, packagePath)) {
    return JSON.stringify(`!${escapeGlob(path.slice(packagePath.length + 1))}`);
  }
  return `{ "pattern": ${JSON.stringify(`!${escapeGlob(path)}`)}, "base": "workspace" }`;
}

function escapeGlob(path: string): string {
  return path.replace(/[\\*?[\]{}()!+@|]/g, "\\$&");
}
