import { comparePaths, type WorkspacePath, workspacePath } from "../base/path.ts";
import type { Condition, PathState } from "../fingerprint/condition.ts";
import type { Exclusions } from "../fingerprint/exclusions.ts";
import { hashBeyond } from "../fingerprint/outside.ts";
import { isSameState, readGitState, readState } from "../fingerprint/state.ts";
import type { Listing, Tree } from "../fingerprint/tree.ts";
import { isSameStamp, stampKind } from "../native/stamp.ts";
import type { InputChange } from "./miss.ts";

/** What conditions are held against. */
export type CheckContext = {
  readonly tree: Tree;
  readonly exclusions: Exclusions;
  /** The step's own paths and those the entry would restore: their names do not count in listings. */
  readonly isOwn: (path: WorkspacePath) => boolean;
  /** Whether the path holds what some run with this cache key left there. */
  readonly holdsOwnWork: (path: WorkspacePath) => boolean;
  /** Whether the path is the step's own in this tree, and as the step left it last. */
  readonly isAsLeft: (path: WorkspacePath) => boolean;
};

export type Check =
  | { readonly kind: "changed"; readonly change: InputChange }
  /** All hold; `conditions` have the stamps of now, `isFresh` says whether any differs from before. */
  | {
      readonly kind: "unchanged";
      readonly conditions: readonly Condition[];
      readonly isFresh: boolean;
    };

/** Checks in path order and stops at the first condition that does not hold: the reason is the same every time. */
export function checkConditions(conditions: readonly Condition[], context: CheckContext): Check {
  context.tree.prefetch(conditions.map(({ path }) => context.tree.at(path)));
  let isFresh = false;
  const current: Condition[] = [];
  for (const condition of conditions) {
    const stamp = context.tree.stamp(context.tree.at(condition.path));
    if (isSameStamp(stamp, condition.stamp)) {
      current.push(condition);
      continue;
    }
    const change = checkState(condition, context);
    if (change !== undefined) return { kind: "changed", change };
    const isWorthIt = !isBeyondStamps(condition.state) && stampKind(stamp) !== "missing";
    isFresh ||= isWorthIt;
    current.push(isWorthIt ? { ...condition, stamp } : condition);
  }
  return { kind: "unchanged", conditions: current, isFresh };
}

/**
 * States that the path's own stamp says nothing of: a directory's times change with every entry,
 * `HEAD` stays as it is when its branch moves on, and what lies elsewhere is not looked at.
 */
function isBeyondStamps({ kind }: PathState): boolean {
  return kind === "directory" || kind === "git" || kind === "beyond";
}

/** First difference between the files that the `input` patterns match now and those they matched. */
export function compareDeclared(
  stored: readonly Condition[],
  current: readonly Condition[],
): InputChange | undefined {
  const before = new Map(stored.map((condition) => [condition.path, condition.state]));
  const after = new Map(current.map((condition) => [condition.path, condition.state]));
  const paths = [...new Set([...before.keys(), ...after.keys()])].sort(comparePaths);
  for (const path of paths) {
    const kind = changeBetween(before.get(path), after.get(path));
    if (kind !== undefined) return { kind, path };
  }
  return undefined;
}

function changeBetween(
  before: PathState | undefined,
  after: PathState | undefined,
): InputChange["kind"] | undefined {
  if (before === undefined) return "added";
  if (after === undefined) return "removed";
  return isSameState(before, after) ? undefined : "modified";
}

function checkState(condition: Condition, context: CheckContext): InputChange | undefined {
  const { path, state, tolerance } = condition;
  const { tree } = context;
  if (state.kind === "beyond")
    return hashBeyond(tree.at(path)) === state.hash ? undefined : { kind: "modified", path };
  if (state.kind === "git") {
    const now = readGitState(tree.at(path));
    return now !== undefined && isSameState(now, state) ? undefined : { kind: "modified", path };
  }
  const kind = tree.kind(tree.at(path));
  if (kind === "missing") {
    const isFine = state.kind === "missing" || tolerance !== "exact";
    return isFine ? undefined : { kind: "removed", path };
  }
  // The run removed it: the hit is to do the same, and may to nothing else.
  if (state.kind === "missing" && tolerance === "own-work")
    return context.isAsLeft(path) ? undefined : { kind: "added", path };
  if (state.kind === "listing") return checkListing(path, state.entries, context);
  if (tolerance === "own-work" && kind !== "directory")
    return context.holdsOwnWork(path) ? undefined : { kind: "modified", path };
  const now = readState(tree, tree.at(path));
  if (state.kind === "missing") return { kind: "added", path };
  return now !== undefined && isSameState(now, state) ? undefined : { kind: "modified", path };
}

function checkListing(
  directory: WorkspacePath,
  expected: Listing,
  { tree, exclusions, isOwn }: CheckContext,
): InputChange | undefined {
  const listing = tree.listing(tree.at(directory));
  if (listing === undefined) return { kind: "modified", path: directory };
  const names = [...new Set([...listing.keys(), ...expected.keys()])].sort(comparePaths);
  for (const name of names) {
    const then = expected.get(name);
    const now = listing.get(name);
    if (then === now) continue;
    const path = workspacePath(directory === "" ? name : `${directory}/${name}`);
    if (isOwn(path) || exclusions.hides(directory, name)) continue;
    return {
      kind: then === undefined ? "added" : now === undefined ? "removed" : "modified",
      path,
    };
  }
  return undefined;
}
