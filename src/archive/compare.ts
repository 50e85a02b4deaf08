import { type AbsolutePath, inWorkspace, type WorkspacePath } from "../base/path.ts";
import { isSameStamp, type Stamp, type Stamps, stampKind } from "../native/stamp.ts";
import { compareWithRow } from "./in-place.ts";
import { lookAt, obstacleAbove, stampAt } from "./look.ts";
import type { Manifest, ManifestEntry } from "./manifest.ts";
import { digestFiles, type StampedFile } from "./read-file.ts";

export type CompareRequest = {
  readonly root: AbsolutePath;
  readonly manifest: Manifest;
  /**
   * What stood at each path, in the order of the manifest, when it was last seen to hold what the
   * manifest says. Only stamps that prove something: none from within the clock's grain.
   */
  readonly known?: Stamps;
};

/** How a tree differs from a manifest. What is in none of the lists is in place. */
export type OutputComparison = {
  readonly missing: readonly ManifestEntry[];
  /** Something stands there that may be replaced: another content, mode or target. */
  readonly edited: readonly ManifestEntry[];
  /** What stands in the way and is not ours to replace: a directory or a link instead of a file, a link instead of a directory. */
  readonly blocked: readonly WorkspacePath[];
  /** What stood at each path of the manifest, in its order, before any content was read. */
  readonly stamps: readonly Stamp[];
};

/** Compares the tree with the manifest, by stamp where that is enough, else by content. Changes nothing. */
export async function compareOutputs(request: CompareRequest): Promise<OutputComparison> {
  const { root, manifest, known } = request;
  const paths = manifest.map((entry) => entry.path);
  const look = lookAt(root, paths);
  const missing: ManifestEntry[] = [];
  const edited = new Set<ManifestEntry>();
  const unread: UnreadFile[] = [];
  const blocked = new Set<WorkspacePath>();
  for (const [row, entry] of manifest.entries()) {
    const stamp = stampAt(look, row);
    const obstacle = obstacleAbove(look, entry.path) ?? obstacleAt(entry, stamp);
    if (obstacle !== undefined) blocked.add(obstacle);
    else if (stampKind(stamp) === "missing") missing.push(entry);
    else if (isSame(known?.at(row), stamp)) continue;
    else {
      const path = inWorkspace(root, entry.path);
      const comparison = compareWithRow(entry, path, stamp);
      if (comparison === "different") edited.add(entry);
      if (comparison === "same-but-content") unread.push({ entry, path, stamp });
    }
  }
  for (const entry of await withOtherContent(unread)) edited.add(entry);
  return {
    missing,
    edited: manifest.filter((entry) => edited.has(entry)),
    blocked: [...blocked],
    stamps: look.stamps,
  };
}

function isSame(known: Stamp | undefined, stamp: Stamp): boolean {
  return known !== undefined && isSameStamp(known, stamp);
}

type UnreadFile = StampedFile & { readonly entry: ManifestEntry };

async function withOtherContent(files: readonly UnreadFile[]): Promise<ManifestEntry[]> {
  const digests = await digestFiles(files);
  return files.flatMap(({ entry }, index) =>
    entry.kind === "file" && digests[index] === entry.digest ? [] : [entry],
  );
}

/** The path of `entry` when something of another kind stands there: whoever put it there may want it. */
export function obstacleAt(entry: ManifestEntry, stamp: Stamp): WorkspacePath | undefined {
  const kind = stampKind(stamp);
  const isReplaceable = kind === "missing" || kind === entry.kind;
  return isReplaceable ? undefined : entry.path;
}
