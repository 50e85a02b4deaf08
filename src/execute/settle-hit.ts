import { parentOf, type WorkspacePath } from "../base/path.ts";
import { encodeText } from "../cache/captured-text.ts";
import { type Settled, settledTextBytesMax } from "../cache/settled.ts";
import { provenStamp } from "../fingerprint/clock.ts";
import type { Condition } from "../fingerprint/condition.ts";
import { type Expectation, packExpectations } from "../native/expectation.ts";
import { isSameStamp, type Stamp, stampKind, unprovenStamp } from "../native/stamp.ts";
import type { PreparedUnit } from "./prepared-unit.ts";
import type { Restored } from "./replay.ts";
import { hasSurplus } from "./stale-outputs.ts";

/**
 * What a hit rested on that had nothing to do; undefined where it had, or where something is so young
 * that its stamp proves nothing yet. Every stamp in it is one with which the look-up was content:
 * while they all stand, it would come to the same end.
 */
export function settle(
  { tree, exclusions, lookedAtMs }: PreparedUnit,
  restored: Restored,
): Settled | undefined {
  const { hit, comparison, removed } = restored;
  const { entry, treeRecord } = hit;
  const wereInPlace = comparison.missing.length === 0 && comparison.edited.length === 0;
  if (!wereInPlace || removed.size > 0 || hasSurplus(treeRecord, entry)) return undefined;

  const outputs = new Set(entry.manifest.map(({ path }) => path));
  const expectations = new Map<WorkspacePath, Expectation>();
  let hasChanged = false;
  const expect = (path: WorkspacePath, stamp: Stamp, sameness: Expectation["sameness"]): void => {
    const known = expectations.get(path);
    const knownStamp = known?.sameness === "all" ? known.stamp : entry.inferred.provenAt(path);
    // A path that is both input and output has been looked at twice.
    if (knownStamp !== undefined)
      hasChanged ||= sameness === "all" && !isSameStamp(knownStamp, stamp);
    else expectations.set(path, { path, stamp, sameness });
  };
  const isOfStamps = ({ state }: Condition): boolean =>
    state.kind !== "git" && state.kind !== "beyond";
  // Those that the `input` patterns match must come first, in their order.
  for (const { path, stamp } of entry.declared)
    expectations.set(path, { path, stamp, sameness: "all" });
  const proven = entry.inferred.proven(lookedAtMs);
  if (proven === undefined) return undefined;
  for (const { path, stamp } of entry.inferred.holding())
    expect(path, stamp, stampKind(stamp) === "directory" ? "mode" : "all");
  const open = [...entry.inferred.open()];
  for (const { path, state, stamp: known } of open.filter(isOfStamps)) {
    const stamp = tree.stamp(tree.at(path));
    const isAnyDirectory = state.kind === "directory" && stampKind(stamp) === "directory";
    expect(path, stamp, isAnyDirectory ? "mode" : "all");
    // Without a tag it is the directory that has to be missing.
    if (state.kind === "tagged" && stampKind(stamp) === "missing")
      expect(parentOf(path), tree.stamp(tree.at(parentOf(path))), "all");
    // A listing that has witnesses is never proven by its stamp, nor given a new one.
    if (state.kind !== "listing" || isSameStamp(known, stamp)) continue;
    for (const witness of exclusions.witnesses(path))
      expect(witness, tree.stamp(tree.at(witness)), "all");
  }
  for (const [index, { path }] of entry.manifest.entries())
    expect(path, comparison.stamps[index] ?? unprovenStamp, "all");
  // A link in the way of an output would have to be seen.
  for (const path of foldersAbove(outputs)) expect(path, tree.stamp(tree.at(path)), "mode");

  const all = [...expectations.values()];
  const areProven = all.every(
    ({ stamp, sameness }) =>
      sameness === "mode" || provenStamp(stamp, lookedAtMs) !== unprovenStamp,
  );
  if (hasChanged || !areProven) return undefined;
  const text = encodeText(restored.texts);
  return {
    expectations: packExpectations(all, proven),
    declaredCount: entry.declared.length,
    conditions: open.filter((condition) => !isOfStamps(condition)),
    items: entry.items,
    text: text.length <= settledTextBytesMax ? text : undefined,
  };
}

function foldersAbove(paths: Iterable<WorkspacePath>): Set<WorkspacePath> {
  const folders = new Set<WorkspacePath>();
  for (const path of paths)
    for (let at = parentOf(path); at !== "" && !folders.has(at); at = parentOf(at)) folders.add(at);
  return folders;
}
