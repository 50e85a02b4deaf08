import { compileGlobs } from "../base/glob.ts";
import type { WorkspacePath } from "../base/path.ts";
import { walk } from "../base/walk.ts";
import type { GlobConfig } from "../task/task.ts";
import type { Condition } from "./condition.ts";
import { readState } from "./state.ts";
import type { Tree } from "./tree.ts";

/** Regular files that the positive patterns match and the negative ones do not, sorted. */
export function matchFiles(tree: Tree, { positive, negative }: GlobConfig): WorkspacePath[] {
  return positive.length === 0 ? [] : walk(tree.root, compileGlobs({ positive, negative }));
}

/**
 * The state of every declared input. One that cannot be read has a state that no stored condition of it has, and
 * the first is returned as `unreadable`: with it no run must be stored.
 */
export function readDeclared(
  tree: Tree,
  config: GlobConfig,
): { readonly conditions: readonly Condition[]; readonly unreadable: WorkspacePath | undefined } {
  const conditions: Condition[] = [];
  let unreadable: WorkspacePath | undefined;
  const paths = matchFiles(tree, config);
  tree.prefetch(paths.map((path) => tree.at(path)));
  for (const path of paths) {
    const state = readState(tree, tree.at(path));
    if (state === undefined) unreadable ??= path;
    conditions.push({
      path,
      state: state ?? { kind: "other" },
      tolerance: "exact",
      stamp: tree.stamp(tree.at(path)),
    });
  }
  return { conditions, unreadable };
}
