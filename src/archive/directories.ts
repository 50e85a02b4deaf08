import { chmodSync, mkdirSync, rmdirSync } from "node:fs";
import { errnoOf } from "../base/file.ts";
import {
  type AbsolutePath,
  comparePaths,
  diskPath,
  nameOf,
  parentOf,
  type WorkspacePath,
} from "../base/path.ts";
import { didMoveDirectory } from "../native/files.ts";
import { type Stamp, stampKind, stampPermissions } from "../native/stamp.ts";
import { statOne } from "../native/stat-one.ts";
import { directoryRows } from "./format.ts";
import type { HeldDirectories } from "./held-directories.ts";
import { type Look, stampAt } from "./look.ts";
import type { DirectoryEntry, Manifest } from "./manifest.ts";
import { openBits, permissionMask } from "./rules.ts";
import type { NeededRow, Staging } from "./staging.ts";
import { isSystemError } from "./system-error.ts";
import type { StagedTree } from "./trees.ts";

export type DirectoryRequest = {
  readonly manifest: Manifest;
  readonly needed: readonly NeededRow[];
  readonly staging: Staging;
  /** By where they belong. */
  readonly trees: ReadonlyMap<WorkspacePath, StagedTree>;
};

export type Directories = {
  /** Rows of files that are in place, having come with a tree. */
  readonly moved: ReadonlySet<number>;
  /** Their modes are to be settled when all is in place. */
  readonly unsettled: readonly DirectoryEntry[];
};

type Preparation = {
  readonly look: Look;
  readonly held: HeldDirectories;
  readonly undo: (() => void)[];
};

/**
 * Moves trees to where nothing stands, makes the other directories that are needed, or on the way to
 * something needed, and opens those of the manifest that are closed to their owner. Adds to `undo` how to
 * take each step back, but for trees: others may have put something into them. Throws system errors.
 */
export function prepareDirectories(
  request: DirectoryRequest,
  { look, held, undo }: Preparation,
): Directories {
  const { manifest, needed, trees, staging } = request;
  const rows = directoryRows(manifest);
  const unsettled = new Set<DirectoryEntry>();
  for (const { entry } of needed) if (entry.kind === "directory") unsettled.add(entry);
  const moved = new Set<number>();
  const settled = new Set<WorkspacePath>();
  for (const [path, stamp] of directoriesInUse(request, look)) {
    if (settled.has(path)) continue;
    const row = rows.get(path);
    const mode = stampPermissions(stamp);
    const tree = stampKind(stamp) === "missing" ? trees.get(path) : undefined;
    if (tree !== undefined && didMove(tree, path, { staging, held })) {
      for (const { row: file } of tree.files) moved.add(file);
      for (const { path: inside, entry } of tree.directories) {
        settled.add(inside);
        if (entry === undefined) continue;
        if (isOpen(entry.mode)) unsettled.delete(entry);
        else unsettled.add(entry);
      }
      continue;
    }
    if (stampKind(stamp) === "missing") {
      // One that is in the manifest gets its mode when it is filled; until then it is nobody else's.
      if (makeDirectory(held.at(path), row === undefined ? permissionMask : 0o700) === "existed")
        continue;
      undo.push(() => removeIfEmpty(held.at(path)));
    } else if (row !== undefined && !isOpen(mode)) {
      chmodSync(held.directory(path), mode | openBits);
      undo.push(() => chmodSync(held.directory(path), mode));
    } else continue;
    if (row !== undefined) unsettled.add(row);
  }
  return { moved, unsettled: [...unsettled] };
}

function didMove(
  tree: StagedTree,
  path: WorkspacePath,
  { staging, held }: { readonly staging: Staging; readonly held: HeldDirectories },
): boolean {
  return didMoveDirectory(staging.treeAt(tree), held.directory(parentOf(path)), nameOf(path));
}

function isOpen(mode: number): boolean {
  return (mode & openBits) === openBits;
}

/** Gives directories the modes of the manifest. Throws system errors. */
export function settleDirectories(held: HeldDirectories, entries: readonly DirectoryEntry[]): void {
  // The innermost first: a parent that closes would put its children out of reach.
  const ordered = [...entries].sort((a, b) => comparePaths(b.path, a.path));
  for (const { path, mode } of ordered) {
    const stamp = statOne(held.at(path));
    if (stampKind(stamp) !== "directory") continue;
    // The group that new entries inherit is the tree's own affair.
    const kept = stampPermissions(stamp) & ~permissionMask;
    if ((kept | mode) !== stampPermissions(stamp)) chmodSync(held.directory(path), kept | mode);
  }
}

/** Those that hold something needed, and those that are missing; parents before what is in them. */
function directoriesInUse(
  { needed }: Pick<DirectoryRequest, "needed">,
  look: Look,
): (readonly [WorkspacePath, Stamp])[] {
  const used = new Map<WorkspacePath, Stamp>();
  for (const [index, { entry }] of needed.entries()) {
    if (entry.kind === "directory") used.set(entry.path, stampAt(look, index));
    const parent = look.above.get(parentOf(entry.path));
    if (parent !== undefined) used.set(parentOf(entry.path), parent);
  }
  for (const [path, stamp] of look.above) {
    if (stampKind(stamp) !== "missing") continue;
    used.set(path, stamp);
    const parent = look.above.get(parentOf(path));
    if (parent !== undefined) used.set(parentOf(path), parent);
  }
  return [...used].sort(([a], [b]) => comparePaths(a, b));
}

function makeDirectory(path: AbsolutePath, mode: number): "made" | "existed" {
  try {
    mkdirSync(diskPath(path), { mode });
    return "made";
  } catch (error) {
    // Another vt may be restoring beside this one.
    const [stamp] = errnoOf(error) === "EEXIST" ? [statOne(path)] : [];
    if (stamp !== undefined && stampKind(stamp) === "directory") return "existed";
    throw error;
  }
}

/** One that something was put into in the meantime stays. */
function removeIfEmpty(path: AbsolutePath): void {
  try {
    rmdirSync(diskPath(path));
  } catch (error) {
    if (!isSystemError(error)) throw error;
  }
}
