import { compileGlobs } from "../base/glob.ts";
import { escapeGlob } from "../base/glob-syntax.ts";
import { type WorkspacePath, workspacePath } from "../base/path.ts";
import { matchFiles } from "../fingerprint/declared.ts";
import type { Tree } from "../fingerprint/tree.ts";
import type { Step } from "../plan/step.ts";
import { displayTaskId } from "../task/task.ts";
import type { PreparedUnit } from "./prepared-unit.ts";

/**
 * The patterns of `input` and `output` that match no file although the task has run, in words: what somebody
 * meant to count does not. `after` is the workspace as the run left it.
 */
export function describeIdlePatterns(unit: PreparedUnit, after: Tree): readonly string[] {
  const { input, output } = unit.policy;
  const { task } = unit.items[0].step;
  const idle = [
    ...idleAmong(
      input.positive,
      unit.declared.map(({ path }) => path),
    ).map((pattern) => ["input", pattern] as const),
    ...idleAmong(output.positive, matchFiles(after, output)).map(
      (pattern) => ["output", pattern] as const,
    ),
  ];
  return idle.map(([field, pattern]) => {
    const written = asWritten(pattern, task);
    const why = isDirectory(pattern, after)
      ? `is a directory, and patterns match files; write ${JSON.stringify(`${written}/**`)}`
      : "matches no file";
    return `\`${field}\` of ${displayTaskId(task)}: ${JSON.stringify(written)} ${why}`;
  });
}

function idleAmong(
  patterns: readonly string[],
  files: readonly WorkspacePath[],
): readonly string[] {
  return patterns.filter((pattern) => {
    const glob = compileGlobs({ positive: [pattern], negative: [] });
    return !files.some((file) => glob.matches(file));
  });
}

function isDirectory(pattern: string, tree: Tree): boolean {
  const path = workspacePath(pattern.replace(/\\(.)/gs, "$1"));
  return tree.kind(tree.at(path)) === "directory";
}

/** Relative to the package again, if it lies there. */
function asWritten(pattern: string, { packagePath }: Step["task"]): string {
  const lead = packagePath.split("/").map(escapeGlob).join("/");
  return lead !== "" && pattern.startsWith(`${lead}/`) ? pattern.slice(lead.length + 1) : pattern;
}
