import {
  type AbsolutePath,
  absolutePath,
  toWorkspacePath,
  type WorkspacePath,
} from "../base/path.ts";
import type { Condition } from "../fingerprint/condition.ts";
import { hashBeyond, statBeyond } from "../fingerprint/outside.ts";
import { isSameStamp, unprovenStamp } from "../native/stamp.ts";
import type { Access } from "../trace/access.ts";
import type { RunContext } from "./context.ts";
import type { Problem } from "./findings.ts";
import type { Detour } from "./history.ts";
import { hasChangedSince } from "./judge.ts";

/**
 * What is reached through a link of the workspace counts, wherever it lies: a linked package, a
 * shared configuration. The condition is on the path as it was named.
 */
export function judgeDetours(
  detours: readonly Detour[],
  context: RunContext,
): { readonly conditions: readonly Condition[]; readonly problems: readonly Problem[] } {
  const conditions = new Map<WorkspacePath, Condition>();
  const problems: Problem[] = [];
  for (const detour of detours) {
    const named = absolutePath(detour.named);
    const path = toWorkspacePath(context.tree.root, named);
    if (path === undefined || context.exclusions.covers(path) || !context.countsAsInput(path))
      continue;
    const hash = unchangedHash(named, detour.access, context);
    const state = { kind: "beyond", hash: hash ?? 0n } as const;
    if (hash === undefined) problems.push({ kind: "input-changed", path });
    // Behind a `..` the name alone does not say what was looked at.
    else if (detour.named.includes("/../")) problems.push({ kind: "input-unreadable", path });
    else conditions.set(path, { path, state, tolerance: "exact", stamp: unprovenStamp });
  }
  return { conditions: [...conditions.values()], problems };
}

/** Undefined when it is not what the run saw, or is being changed right now. */
function unchangedHash(
  named: AbsolutePath,
  access: Access,
  { clock }: RunContext,
): bigint | undefined {
  const options = { isFollowing: access.isFollowing };
  const at = absolutePath(access.path);
  const before = statBeyond(at, options);
  if (hasChangedSince(access.stamp, before, clock)) return undefined;
  const hash = hashBeyond(named);
  return isSameStamp(before, statBeyond(at, options)) ? hash : undefined;
}
