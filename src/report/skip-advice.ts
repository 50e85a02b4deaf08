import { unreachable } from "../base/assert.ts";
import { isWithin, printable, type WorkspacePath, workspacePath } from "../base/path.ts";
import type { SkipReason } from "../cache/skip.ts";
import type { Advice } from "./advice.ts";

/**
 * What a person may do so that the result is stored next time; undefined where there is nothing to be
 * done. Patterns are relative to `packagePath`, the task's package.
 */
export function adviseOnSkip(reason: SkipReason, packagePath: WorkspacePath): Advice | undefined {
  switch (reason.kind) {
    case "overlap":
      return exclude(reason.path, packagePath, {
        // Not "input": a formatted file that is put back unformatted would then count for nothing.
        lead: "If the task itself makes it, delete it once. Of a source that it rewrites, as a formatter does, a run that changes nothing is stored; to store the others, too:",
        sides: ["output"],
      });
    case "output-too-large":
    case "output-unsupported":
      return exclude(reason.path, packagePath, {
        lead: "To cache it without that output:",
        sides: ["output"],
      });
    case "written-by-another":
      return {
        text: "Let one task write it, or put the tasks in order:",
        settings: [dependsOn(reason.by)],
      };
    case "input-changed":
      return adviseOnChange(reason, packagePath);
    case "input-unreadable":
      return exclude(reason.path, packagePath, { lead: notNeeded, sides: ["input"] });
    case "process-left-behind":
      return uncached("Let the command wait for it, or do not cache it:");
    case "output-changed":
      return { text: "Let the command wait for what still writes it." };
    case "trace-incomplete":
    case "trace-unavailable":
    case "link-changed":
    case "link-outside":
      return {
        text: "To cache it without tracking, list its files:",
        settings: ['"input": ["src/**"], "output": ["dist/**"]'],
      };
    case "removed-foreign":
      return uncached("If clearing away is what the task is for:");
    case "wrote-outside":
      return uncached(
        "What a tool writes when it is first run there keeps only that run out. If writing there is what the task is for:",
      );
    case "too-many-outputs":
      return {
        text: "To cache it, name the outputs that are needed:",
        settings: ['"output": ["dist/**"]'],
      };
    case "text-too-large":
      return uncached("Let the command print less, or do not cache it:");
    case "nested-run":
      return { text: 'Make the nested `vt run` a command of its own, joined by "&&".' };
    case "part-replayed":
    case "run-twice":
      return { text: "The next run is stored." };
    case "declared-uncacheable":
    case "cancelled":
    case "interrupted":
    case "nonzero-exit":
    case "timed-out":
    case "tool-message-invalid":
    case "cache-read-only":
    case "cache-trouble":
      return undefined;
    default:
      return unreachable(reason);
  }
}

const notNeeded = "If results do not depend on it:";

function adviseOnChange(
  { path, by }: Extract<SkipReason, { readonly kind: "input-changed" }>,
  packagePath: WorkspacePath,
): Advice | undefined {
  if (by !== undefined) return { text: "Put the tasks in order:", settings: [dependsOn(by)] };
  // What lies elsewhere cannot be named.
  if (path.startsWith("/")) return undefined;
  return exclude(workspacePath(path), packagePath, { lead: notNeeded, sides: ["input"] });
}

function uncached(text: string): Advice {
  return { text, settings: ['"cache": false'] };
}

function dependsOn(task: string): string {
  return `"dependsOn": [${JSON.stringify(printable(task))}]`;
}

function exclude(
  path: WorkspacePath,
  packagePath: WorkspacePath,
  advice: { readonly lead: string; readonly sides: readonly ("input" | "output")[] },
): Advice | undefined {
  if (!path.isWellFormed()) return undefined; // A configuration file cannot name it.
  const pattern = excludePattern(path, packagePath);
  return {
    text: advice.lead,
    settings: advice.sides.map((side) => `"${side}": [{ "auto": true }, ${pattern}]`),
  };
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
