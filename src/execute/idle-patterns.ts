import { compileGlobs } from "../base/glob.ts";
import { escapeGlob } from "../base/glob-syntax.ts";
import { type WorkspacePath, workspacePath } from "../base/path.ts";
import type { Tree } from "../fingerprint/tree.ts";
import type { Step } from "../plan/step.ts";
import { displayTaskId } from "../task/task.ts";
import type { PreparedUnit } from "./prepared-unit.ts";

/** A pattern of a task that matches no file. */
export type IdlePattern = {
  readonly field: "input" | "output";
  /** As the task has it: relative to the package if what it matches lies there. */
  readonly pattern: string;
  /** It is the path of a directory, and patterns match files. */
  readonly isDirectory: boolean;
};

/**
 * The patterns of `input` and `output` that match no file: what somebody meant to count does not. `outputs`
 * are the files that the patterns of `output` match; undefined while nobody knows what the task makes.
 */
export function findIdlePatterns(
  { policy, declared, items: [{ step }] }: PreparedUnit,
  tree: Tree,
  outputs: readonly WorkspacePath[] | undefined,
): readonly IdlePattern[] {
  const { input, output } = policy;
  const inputs = declared.map(({ path }) => path);
  const idle = (
    field: IdlePattern["field"],
    patterns: readonly string[],
    files: readonly WorkspacePath[],
  ): readonly IdlePattern[] =>
    idleAmong(patterns, files).map((pattern) => ({
      field,
      pattern: asWritten(pattern, step.task),
      isDirectory: isDirectory(pattern, tree),
    }));
  return [
    ...idle("input", input.positive, inputs),
    ...(outputs === undefined ? [] : idle("output", output.positive, outputs)),
  ];
}

/** What is wrong with it, and what may have been meant. */
export function describeIdlePattern(
  { field, pattern, isDirectory: isFolder }: IdlePattern,
  task: Step["task"],
): string {
  const why = isFolder
    ? `is a directory, and patterns match files; write ${JSON.stringify(`${pattern}/**`)}`
    : "matches no file";
  return `\`${field}\` of ${displayTaskId(task)}: ${JSON.stringify(pattern)} ${why}`;
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
