import { chmodSync, mkdirSync, rmdirSync } from "node:fs";
import { errnoOf } from "../base/file.ts";
import {
  type AbsolutePath,
  comparePaths,
  diskPath,
  parentOf,
  type WorkspacePath,
} from "../base/path.ts";
import { type Stamp, stampKind, stampPermissions } from "../native/stamp.ts";
import { statOne } from "../native/stat-one.ts";
import type { HeldDirectories } from "./held-directories.ts";
import { type Look, stampAt } from "./look.ts";
import type { DirectoryEntry, Manifest } from "./manifest.ts";
import { permissionMask } from "./rules.ts";
import type { NeededRow } from "./stage.ts";
import { isSystemError } from "./system-error.ts";

/** What its owner needs to put something into a directory. */
const openBits = 0o300;

export type DirectoryRequest = {
  readonly manifest: Manifest;
  readonly needed: readonly NeededRow[];
};

type Preparation = {
  readonly look: Look;
  readonly held: HeldDirectories;
  readonly undo: (() => void)[];
};

/**
 * Makes the directories that are needed, or on the way to something needed, and opens those of the
 * manifest that are closed to their owner. Adds to `undo` how to take each step back. Gives the
 * directories whose modes are to be settled when all is in place. Throws system errors.
 */
export function prepareDirectories(
  request: DirectoryRequest,
  { look, held, undo }: Preparation,
): DirectoryEntry[] {
  const { manifest, needed } = request;
  const rows = new Map(
    manifest.flatMap((entry) => (entry.kind === "directory" ? [[entry.path, entry] as const] : [])),
  );
  const unsettled = new Set(
    needed.flatMap(({ entry }) => (entry.kind === "directory" ? [entry] : [])),
  );
  for (const [path, stamp] of directoriesInUse(request, look)) {
    const row = rows.get(path);
    const mode = stampPermissions(stamp);
    if (stampKind(stamp) === "missing") {
      // One that is in the manifest gets its mode when it is filled; until then it is nobody else's.
      if (makeDirectory(held.at(path), row === undefined ? permissionMask : 0o700) === "existed")
        continue;
      undo.push(() => removeIfEmpty(held.at(path)));
    } else if (row !== undefined && (mode & openBits) !== openBits) {
      chmodSync(held.directory(path), mode | openBits);
      undo.push(() => chmodSync(held.directory(path), mode));
    } else continue;
    if (row !== undefined) unsettled.add(row);
  }
  return [...unsettled];
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
  { needed }: DirectoryRequest,
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
