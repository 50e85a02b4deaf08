import { nameOf, parentOf, type WorkspacePath } from "../base/path.ts";
import type { EntryContent } from "../cache/entry.ts";
import type { Condition } from "../fingerprint/condition.ts";
import type { Findings } from "../observe/findings.ts";

/** The paths that a unit dealt with, as far as that matters to those who come after or before it. */
export type Touches = {
  readonly touched: ReadonlySet<WorkspacePath>;
  readonly changed: ReadonlySet<WorkspacePath>;
  /** Those of them that it did not leave there. With a folder goes whatever is in it. */
  readonly removed: ReadonlySet<WorkspacePath>;
  /** Directories that it listed, or would have in order to empty them: it has looked at every name there. */
  readonly listed: ReadonlySet<WorkspacePath>;
};

/**
 * What a run did. `declared` are the inputs that the configuration names. Whatever its entry would tell of
 * it is in it: what was not one when it ran must not turn out to be one when it is replayed.
 */
export function touchesOfRun(findings: Findings, declared: readonly Condition[]): Touches {
  const { outputs, written, conditions } = findings;
  const { touched, changed } = findings.touches();
  const left = new Set(outputs);
  return {
    touched: new Set([...touched, ...outputs, ...declared.map(({ path }) => path)]),
    // What it made earlier and left alone belongs to its result: a hit may have to make it again.
    changed: new Set([...changed, ...written, ...outputs]),
    removed: new Set([...changed].filter((path) => !left.has(path))),
    listed: listedIn(conditions),
  };
}

/** What a run did whose entry was found to fit. */
export function touchesOfEntry({ declared, inferred, manifest }: EntryContent): Touches {
  const conditions = [...inferred];
  const removed = conditions
    .filter(({ state, tolerance }) => state.kind === "missing" && tolerance === "own-work")
    .map(({ path }) => path);
  const changed = [...manifest.map(({ path }) => path), ...removed];
  return {
    touched: new Set([...changed, ...[...declared, ...conditions].map(({ path }) => path)]),
    changed: new Set(changed),
    removed: new Set(removed),
    listed: listedIn(conditions),
  };
}

function listedIn(conditions: readonly Condition[]): ReadonlySet<WorkspacePath> {
  return new Set(
    conditions.filter(({ state }) => state.kind === "listing").map(({ path }) => path),
  );
}

/**
 * Whether the earlier one wrote, removed or looked at a path that the later one wrote or removed: alone,
 * it would find next time what the later one left. `isHidden` tells which names never count in a listing.
 */
export function hasMet(
  earlier: Touches,
  later: Touches,
  isHidden: (directory: WorkspacePath, name: string) => boolean,
): boolean {
  for (const path of later.changed) {
    if (earlier.touched.has(path)) return true;
    const directory = parentOf(path);
    if (earlier.listed.has(directory) && !isHidden(directory, nameOf(path))) return true;
  }
  if (later.removed.size === 0) return false;
  return [...earlier.touched].some((path) => isBelow(path, later.removed));
}

function isBelow(path: WorkspacePath, directories: ReadonlySet<WorkspacePath>): boolean {
  for (let at = path; at !== ""; ) {
    at = parentOf(at);
    if (directories.has(at)) return true;
  }
  return false;
}
