import { assert } from "../base/assert.ts";
import { type AbsolutePath, inWorkspace, parentOf, type WorkspacePath } from "../base/path.ts";
import { isSameStamp, missingStamp, type Stamp, stampKind } from "../native/stamp.ts";
import { statBatch } from "../native/stat.ts";

/** What stood above some paths at one moment. No link was followed. */
export type Surroundings = {
  /** Every directory above one of them, the root left out. */
  readonly above: ReadonlyMap<WorkspacePath, Stamp>;
  /** Those of `above` that are something else than a directory: a link, a file. */
  readonly obstacles: ReadonlySet<WorkspacePath>;
};

/** The same, and what stood at the paths themselves. */
export type Look = Surroundings & {
  /** In the order of the paths asked for. */
  readonly stamps: readonly Stamp[];
};

/** Looks at `paths` and at all directories above them, at the directories first. */
export function lookAt(root: AbsolutePath, paths: readonly WorkspacePath[]): Look {
  const around = lookAbove(root, paths);
  const missing = new Set<WorkspacePath>();
  for (const [directory, stamp] of around.above)
    if (isSameStamp(stamp, missingStamp)) missing.add(directory);
  if (missing.size === 0) return { stamps: stampsOf(root, paths), ...around };
  // Nothing is in a directory that is not there.
  const reachable = paths.filter((path) => !missing.has(parentOf(path)));
  if (reachable.length === 0) return { stamps: paths.map(() => missingStamp), ...around };
  const found = new Map(zip(reachable, stampsOf(root, reachable)));
  return { stamps: paths.map((path) => found.get(path) ?? missingStamp), ...around };
}

/** Looks at all directories above `paths`. */
export function lookAbove(root: AbsolutePath, paths: readonly WorkspacePath[]): Surroundings {
  const directories = directoriesAbove(paths);
  const above = new Map<WorkspacePath, Stamp>();
  const obstacles = new Set<WorkspacePath>();
  for (const [directory, stamp] of zip(directories, stampsOf(root, directories))) {
    above.set(directory, stamp);
    const kind = stampKind(stamp);
    if (kind !== "directory" && kind !== "missing") obstacles.add(directory);
  }
  return { above, obstacles };
}

function stampsOf(root: AbsolutePath, paths: readonly WorkspacePath[]): Stamp[] {
  return statBatch(paths.map((path) => inWorkspace(root, path)));
}

function zip<Key>(keys: readonly Key[], stamps: readonly Stamp[]): (readonly [Key, Stamp])[] {
  return stamps.map((stamp, index) => {
    const key = keys[index];
    assert(key !== undefined, "a batch has a stamp for each path");
    return [key, stamp];
  });
}

/** What stood at the path that was asked for as number `index`. */
export function stampAt(look: Look, index: number): Stamp {
  const stamp = look.stamps[index];
  assert(stamp !== undefined, "a look has a stamp for each path");
  return stamp;
}

/**
 * The topmost obstacle above `path`. What lies behind a link is not at `path` at all, wherever the
 * link leads.
 */
export function obstacleAbove(
  { obstacles }: Surroundings,
  path: WorkspacePath,
): WorkspacePath | undefined {
  if (obstacles.size === 0) return undefined;
  let topmost: WorkspacePath | undefined;
  for (let above = parentOf(path); above !== ""; above = parentOf(above)) {
    if (obstacles.has(above)) topmost = above;
  }
  return topmost;
}

function directoriesAbove(paths: readonly WorkspacePath[]): WorkspacePath[] {
  const directories = new Set<WorkspacePath>();
  let last: WorkspacePath | undefined;
  for (const path of paths) {
    // Paths that follow one another mostly lie in one directory.
    if (last?.length === path.lastIndexOf("/") && path.startsWith(last)) continue;
    let above = parentOf(path);
    last = above;
    while (above !== "" && !directories.has(above)) {
      directories.add(above);
      above = parentOf(above);
    }
  }
  return [...directories];
}
