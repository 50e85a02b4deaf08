import { toWorkspacePath, type WorkspacePath, workspacePath } from "../base/path.ts";
import type { Condition } from "../fingerprint/condition.ts";
import { readGitState } from "../fingerprint/state.ts";
import { unprovenStamp } from "../native/stamp.ts";
import type { RunContext } from "./context.ts";
import type { Problem } from "./findings.ts";
import type { PathHistory } from "./history.ts";
import { hasChangedSince, isChanged } from "./judge.ts";

/** What lies in `.git` and is more than bookkeeping: the commit, and what is staged. */
const statePath = /^(.*\/)?\.git\/(HEAD|packed-refs|index|refs\/.*)$/;

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
    const path = toWorkspacePath(context.tree.root, history.path);
    const [, prefix = "", name = ""] = statePath.exec(path ?? "") ?? [];
    if (path === undefined || name === "" || history.look === undefined) continue;
    if (!context.countsAsInput(path)) continue;
    const now = context.tree.stamp(history.path);
    const isOwnDoing = isChanged(history, now);
    if (
      !isOwnDoing &&
      history.look.isPresent &&
      hasChangedSince(history.look.stamp, now, context.clock)
    )
      problems.push({ kind: "input-changed", path });
    const subject = workspacePath(`${prefix}.git/${name === "index" ? "index" : "HEAD"}`);
    const state = readGitState(context.tree.at(subject));
    if (state === undefined) problems.push({ kind: "input-unreadable", path: subject });
    else
      conditions.set(subject, { path: subject, state, tolerance: "exact", stamp: unprovenStamp });
  }
  return { conditions: [...conditions.values()], problems };
}
