import { comparePaths, nameOf, parentOf, type WorkspacePath, workspacePath } from "../base/path.ts";
import { stampKind } from "../native/stamp.ts";
import { directoryRows } from "./format.ts";
import { type Look, stampAt } from "./look.ts";
import type { DirectoryEntry, Manifest } from "./manifest.ts";
import type { NeededRow } from "./staging.ts";

/**
 * A directory that is missing, with all that is to be in it but links: built aside and moved in one
 * piece, which takes no longer than moving one file.
 */
export type StagedTree = {
  /** Its name where it is built. */
  readonly name: WorkspacePath;
  /** With the directory itself, parents before what is in them. */
  readonly directories: readonly StagedDirectory[];
  /** The files in it. */
  readonly files: readonly StagedFile[];
};

export type StagedFile = {
  readonly row: number;
  /** Where it is built. */
  readonly directory: WorkspacePath;
  readonly name: string;
};

type StagedDirectory = {
  /** Where it belongs. */
  readonly path: WorkspacePath;
  /** Where it is built. */
  readonly staged: WorkspacePath;
  /** Undefined where the manifest does not have it: it only leads to something. */
  readonly entry: DirectoryEntry | undefined;
};

/** The trees that what is needed makes up, as `look` has found the workspace, by where they belong. */
export function planTrees(
  manifest: Manifest,
  needed: readonly NeededRow[],
  look: Look,
): ReadonlyMap<WorkspacePath, StagedTree> {
  const rows = directoryRows(manifest);
  const staged = new Map<WorkspacePath, StagedDirectory>();
  const trees = new Map<WorkspacePath, MutableTree>();
  const treeOf = new Map<WorkspacePath, MutableTree>();
  for (const path of missingDirectories(needed, look)) {
    const above = staged.get(parentOf(path));
    const place = above === undefined ? `tree${trees.size}` : `${above.staged}/${nameOf(path)}`;
    const directory = { path, staged: workspacePath(place), entry: rows.get(path) };
    const tree = treeOf.get(parentOf(path)) ?? {
      name: directory.staged,
      directories: [],
      files: [],
    };
    if (above === undefined) trees.set(path, tree);
    tree.directories.push(directory);
    treeOf.set(path, tree);
    staged.set(path, directory);
  }
  for (const { row, entry } of needed) {
    if (entry.kind !== "file") continue;
    const parent = parentOf(entry.path);
    const directory = staged.get(parent)?.staged;
    if (directory !== undefined)
      treeOf.get(parent)?.files.push({ row, directory, name: nameOf(entry.path) });
  }
  return trees;
}

type MutableTree = StagedTree & {
  readonly directories: StagedDirectory[];
  readonly files: StagedFile[];
};

/** Parents before what is in them. */
function missingDirectories(needed: readonly NeededRow[], look: Look): WorkspacePath[] {
  const missing = new Set<WorkspacePath>();
  for (const [path, stamp] of look.above) if (stampKind(stamp) === "missing") missing.add(path);
  for (const [index, { entry }] of needed.entries()) {
    if (entry.kind === "directory" && stampKind(stampAt(look, index)) === "missing")
      missing.add(entry.path);
  }
  return [...missing].sort(comparePaths);
}
