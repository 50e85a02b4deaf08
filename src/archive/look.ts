import { assert } from "../base/assert.ts";
import { type AbsolutePath, inWorkspace, parentOf, type WorkspacePath } from "../base/path.ts";
import { type Stamp, stampKind } from "../native/stamp.ts";
import { statBatch } from "../native/stat.ts";

/** What stood at some paths, and above them, at one moment. No link was followed. */
export type Look = {
  /** In the order of the paths asked for. */
  readonly stamps: readonly Stamp[];
  /** Every directory above one of them, the root left out. */
  readonly above: ReadonlyMap<WorkspacePath, Stamp>;
  /** Those of `above` that are something else than a directory: a link, a file. */
  readonly obstacles: ReadonlySet<WorkspacePath>;
};

/** Looks at `paths` and at all directories above them, in one go. */
export function lookAt(root: AbsolutePath, paths: readonly WorkspacePath[]): Look {
  const directories = directoriesAbove(paths);
  const stamps = statBatch([...paths, ...directories].map((path) => inWorkspace(root, path)));
  const above = new Map<WorkspacePath, Stamp>();
  const obstacles = new Set<WorkspacePath>();
  for (const [index, stamp] of stamps.slice(paths.length).entries()) {
    const directory = directories[index];
    assert(directory !== undefined, "a batch has a stamp for each path");
    above.set(directory, stamp);
    const kind = stampKind(stamp);
    if (kind !== "directory" && kind !== "missing") obstacles.add(directory);
  }
  return { stamps: stamps.slice(0, paths.length), above, obstacles };
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
export function obstacleAbove({ obstacles }: Look, path: WorkspacePath): WorkspacePath | undefined {
  if (obstacles.size === 0) return undefined;
  let topmost: WorkspacePath | undefined;
  for (let above = parentOf(path); above !== ""; above = parentOf(above)) {
    if (obstacles.has(above)) topmost = above;
  }
  return topmost;
}

function directoriesAbove(paths: readonly WorkspacePath[]): WorkspacePath[] {
  const directories = new Set<WorkspacePath>();
  for (const path of paths) {
    let above = parentOf(path);
    while (above !== "" && !directories.has(above)) {
      directories.add(above);
      above = parentOf(above);
    }
  }
  return [...directories];
}
