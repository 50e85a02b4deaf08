import { comparePaths, type WorkspacePath, workspacePath } from "../base/path.ts";
import type { Condition, PathState } from "../fingerprint/condition.ts";
import type { Exclusions } from "../fingerprint/exclusions.ts";
import { hashBeyond } from "../fingerprint/outside.ts";
import { isSameState, readGitState, readState } from "../fingerprint/state.ts";
import type { Listing, Tree } from "../fingerprint/tree.ts";
import { isSameStamp, isUnreachable, stampKind } from "../native/stamp.ts";
import type { Conditions, StoredConditions } from "./conditions.ts";
import type { InputChange } from "./miss.ts";

/** What conditions are held against. */
export type CheckContext = {
  readonly tree: Tree;
  readonly exclusions: Exclusions;
  /** The step's own paths and those the entry would restore: their names do not count in listings as added. */
  readonly isOwn: (path: WorkspacePath) => boolean;
  /** Whether the path holds what some run with this cache key left there. */
  readonly holdsOwnWork: (path: WorkspacePath) => boolean;
  /** Whether the path is the step's own in this tree, and as the step left it last. */
  readonly isAsLeft: (path: WorkspacePath) => boolean;
};

export type Check =
  | { readonly kind: "changed"; readonly change: InputChange }
  /** All hold; `isFresh` says whether any was given another stamp. */
  | { readonly kind: "unchanged"; readonly isFresh: boolean };

/** So many conditions are looked at and read for at once: what comes behind a change is mostly read in vain. */
const checkedAtOnce = 4096;

/**
 * Checks in path order and stops at the first condition that does not hold: the reason is the same every
 * time. Gives the conditions the stamps of now. `nowMs`: when nothing had been looked at yet.
 */
export function checkStored(
  conditions: StoredConditions,
  context: CheckContext,
  nowMs: number,
): Check {
  const { tree } = context;
  let isAnyFresh = false;
  for (let first = 0; first < conditions.length; first += checkedAtOnce) {
    const end = Math.min(first + checkedAtOnce, conditions.length);
    const { open, isFresh } = conditions.check(tree.root, { first, end, nowMs });
    isAnyFresh ||= isFresh;
    tree.prefetch(open.map((index) => tree.at(conditions.at(index).path)));
    for (const index of open) {
      const condition = conditions.at(index);
      const change = checkCondition(condition, context);
      if (change !== undefined) return { kind: "changed", change };
      if (!isStampWorthIt(condition, context)) continue;
      conditions.renew(index, tree.stamp(tree.at(condition.path)));
      isAnyFresh = true;
    }
  }
  return { kind: "unchanged", isFresh: isAnyFresh };
}

/** Whether all hold, however they are kept. */
export function areMetConditions(conditions: Conditions, context: CheckContext): boolean {
  for (const condition of conditions)
    if (checkCondition(condition, context) !== undefined) return false;
  return true;
}

function checkCondition(condition: Condition, context: CheckContext): InputChange | undefined {
  const { tree } = context;
  const isSame = isSameStamp(tree.stamp(tree.at(condition.path)), condition.stamp);
  return isSame ? undefined : checkState(condition, context);
}

function isStampWorthIt(condition: Condition, context: CheckContext): boolean {
  const stamp = context.tree.stamp(context.tree.at(condition.path));
  if (isSameStamp(stamp, condition.stamp) || stampKind(stamp) === "missing") return false;
  return !isBeyondStamps(condition, context);
}

/**
 * States that the path's own stamp says nothing of: a directory's times change with every entry,
 * `HEAD` stays as it is when its branch moves on, what lies elsewhere is not looked at, and which names of
 * a listing count may be said elsewhere.
 */
function isBeyondStamps({ path, state }: Condition, { exclusions }: CheckContext): boolean {
  if (state.kind === "listing") return exclusions.witnesses(path).length > 0;
  return state.kind === "directory" || state.kind === "git" || state.kind === "beyond";
}

/** A change, and what was found at the path before and after it, where that is one thing. */
export type StateChange = InputChange & {
  readonly before?: PathState | undefined;
  readonly after?: PathState | undefined;
};

/** Every condition that does not hold, in path order, for a person who wants to know. */
export function listChanges(conditions: Conditions, context: CheckContext): readonly StateChange[] {
  const { tree } = context;
  return [...conditions].flatMap((condition): readonly StateChange[] => {
    const at = tree.at(condition.path);
    if (isSameStamp(tree.stamp(at), condition.stamp)) return [];
    const { state } = condition;
    if (state.kind === "listing" && tree.kind(at) === "directory")
      return listingChanges(condition.path, state.entries, context);
    const change = checkState(condition, context);
    const after = state.kind === "git" ? readGitState(at) : readState(tree, at);
    return change === undefined ? [] : [{ ...change, before: state, after }];
  });
}

/** First difference between the files that the `input` patterns match now and those they matched. */
export function compareDeclared(
  stored: readonly Condition[],
  current: readonly Condition[],
): InputChange | undefined {
  const first = declaredChanges(stored, current)[0];
  return first && { kind: first.kind, path: first.path };
}

/** All of them, in path order. */
export function declaredChanges(
  stored: readonly Condition[],
  current: readonly Condition[],
): readonly StateChange[] {
  const old = new Map(stored.map((condition) => [condition.path, condition.state]));
  const young = new Map(current.map((condition) => [condition.path, condition.state]));
  const paths = [...new Set([...old.keys(), ...young.keys()])].sort(comparePaths);
  return paths.flatMap((path) => {
    const [before, after] = [old.get(path), young.get(path)];
    const kind = changeBetween(before, after);
    return kind === undefined ? [] : [{ kind, path, before, after }];
  });
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
  if (state.kind === "tagged") {
    if (context.exclusions.isStillCache(path)) return undefined;
    return { kind: kind === "missing" ? "removed" : "modified", path };
  }
  // That nothing is there is another thing than that nobody can tell.
  if (isUnreachable(tree.stamp(tree.at(path)))) return { kind: "modified", path };
  if (kind === "missing") {
    const isFine = state.kind === "missing" || tolerance !== "exact";
    return isFine ? undefined : { kind: "removed", path };
  }
  // The run removed it: the hit is to do the same, and may to nothing else.
  if (state.kind === "missing" && tolerance === "own-work")
    return context.isAsLeft(path) ? undefined : { kind: "added", path };
  if (state.kind === "listing") return listingChanges(path, state.entries, context)[0];
  if (tolerance === "own-work" && kind !== "directory" && context.holdsOwnWork(path))
    return undefined;
  const now = readState(tree, tree.at(path));
  if (state.kind === "missing") return { kind: "added", path };
  return now !== undefined && isSameState(now, state) ? undefined : { kind: "modified", path };
}

function listingChanges(
  directory: WorkspacePath,
  expected: Listing,
  { tree, exclusions, isOwn }: CheckContext,
): readonly InputChange[] {
  const listing = tree.listing(tree.at(directory));
  if (listing === undefined) return [{ kind: "modified", path: directory }];
  const names = [...new Set([...listing.keys(), ...expected.keys()])].sort(comparePaths);
  return names.flatMap((name): readonly InputChange[] => {
    const then = expected.get(name);
    const now = listing.get(name);
    if (then === now) return [];
    const path = workspacePath(directory === "" ? name : `${directory}/${name}`);
    // What was listed was not the step's own then, and no hit would put it there.
    const doesCount = then !== undefined || !isOwn(path);
    if (!doesCount || exclusions.hides(directory, name)) return [];
    return [
      { kind: then === undefined ? "added" : now === undefined ? "removed" : "modified", path },
    ];
  });
}
