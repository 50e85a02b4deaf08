import {
  type AbsolutePath,
  toWorkspacePath,
  type WorkspacePath,
  workspacePath,
} from "../base/path.ts";
import type { Condition } from "../fingerprint/condition.ts";
import { readGitState } from "../fingerprint/state.ts";
import { unprovenStamp } from "../native/stamp.ts";
import type { RunContext } from "./context.ts";
import type { Problem } from "./findings.ts";
import type { PathHistory } from "./history.ts";
import { hasChangedSince, isChanged } from "./judge.ts";

/** What lies in `.git` and is more than bookkeeping: the commit, and what is staged. */
const statePath = /^(HEAD|packed-refs|index|refs\/.*)$/;

/**
 * A run that read `HEAD` or a ref depends on the commit that `HEAD` names, one that read the index on
 * its entries. Whatever else it did in `.git` does not count: git keeps its books there.
 */
export function judgeGitLooks(
  histories: Iterable<PathHistory>,
  context: RunContext,
): { readonly conditions: readonly Condition[]; readonly problems: readonly Problem[] } {
  const conditions = new Map<WorkspacePath, Condition>();
  const problems: Problem[] = [];
  for (const history of histories) {
    const { look } = history;
    const path = look && gitPath(history.path, context);
    if (look === undefined || path === undefined || !context.countsAsInput(path)) continue;
    const now = context.tree.stamp(history.path);
    const isOwnDoing = isChanged(history, now);
    if (!isOwnDoing && look.isPresent && hasChangedSince(look.stamp, now, context.clock))
      problems.push({ kind: "input-changed", path });
    const subject = /(^|\/)\.git\/index$/.test(path) ? path : headOf(path);
    const state = readGitState(context.tree.at(subject));
    if (state === undefined) problems.push({ kind: "input-unreadable", path: subject });
    else
      conditions.set(subject, { path: subject, state, tolerance: "exact", stamp: unprovenStamp });
  }
  return { conditions: [...conditions.values()], problems };
}

/** The path as if it lay in the `.git` of the work tree; undefined when it lies in none, or is bookkeeping. */
function gitPath(path: AbsolutePath, { tree, git }: RunContext): WorkspacePath | undefined {
  const places: readonly AbsolutePath[] = git === undefined ? [] : [git.directory, git.common];
  for (const place of places) {
    const name = toWorkspacePath(place, path);
    if (name !== undefined) return statePath.test(name) ? workspacePath(`.git/${name}`) : undefined;
  }
  // A repository inside the workspace, such as a submodule's.
  const inside = toWorkspacePath(tree.root, path) ?? "";
  const [whole, name = ""] = /^.+\/\.git\/(.+)$/.exec(inside) ?? [];
  return whole !== undefined && statePath.test(name) ? workspacePath(whole) : undefined;
}

function headOf(path: WorkspacePath): WorkspacePath {
  return workspacePath(path.replace(/(^|\/)\.git\/.*$/, "$1.git/HEAD"));
}
