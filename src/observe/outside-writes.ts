import { type AbsolutePath, absolutePath, toWorkspacePath } from "../base/path.ts";
import { placeBeyond } from "../fingerprint/outside.ts";
import { missingStamp, stampKind } from "../native/stamp.ts";
import type { RunContext } from "./context.ts";
import type { Problem } from "./findings.ts";
import type { PathHistory } from "./history.ts";
import { isChanged } from "./judge.ts";
import { canLeadInside } from "./outer-links.ts";

/**
 * Why a run must not be stored for what it did to a path outside the workspace. `scratchBeyond` is asked where the
 * places lead to which any step may write.
 */
export function outsideProblem(
  history: PathHistory,
  context: RunContext,
  scratchBeyond: () => readonly AbsolutePath[],
): Problem[] {
  const { tree, scratch } = context;
  if (history.firstChange === undefined || !isChanged(history, tree.stamp(history.path))) return [];
  if (canLeadInside(history, context)) return [{ kind: "link-outside", path: history.path }];
  const isGone = stampKind(tree.stamp(history.path)) === "missing";
  if (isGone && stampKind(history.before ?? missingStamp) === "missing") return [];
  const isFree =
    scratch.some((place) => isScratch(place, history)) ||
    scratchBeyond().some((place) => toWorkspacePath(place, history.path) !== undefined);
  if (isFree && !isLost(history, context)) return [];
  return [{ kind: "wrote-outside", path: history.path }];
}

/** Whether the run changed it as if it lay in the workspace, where a hit would not put it back. */
export function isLost(
  history: PathHistory,
  { tree, exclusions, countsAsOutput }: RunContext,
): boolean {
  const { path, changedAs } = history;
  const named =
    changedAs === undefined ? undefined : toWorkspacePath(tree.root, absolutePath(changedAs));
  if (named === undefined || exclusions.covers(named) || !countsAsOutput(named)) return false;
  const now = tree.stamp(path);
  return stampKind(now) !== "missing" && isChanged(history, now);
}

/** A place that any step may write to may have to be made first, with the directories above it. */
function isScratch(place: AbsolutePath, { path, isDirectoryMade }: PathHistory): boolean {
  const isAbove = isDirectoryMade && toWorkspacePath(path, place) !== undefined;
  return isAbove || toWorkspacePath(place, path) !== undefined;
}

/** Such a place may be a link to another disk, though not to one that holds the workspace. */
export function findScratchBeyond({ scratch, tree }: RunContext): readonly AbsolutePath[] {
  return scratch
    .map(placeBeyond)
    .filter((place) => place !== undefined)
    .filter((place) => toWorkspacePath(place, tree.root) === undefined);
}
