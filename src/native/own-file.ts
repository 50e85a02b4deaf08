import { chmodSync, lstatSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import type { Environment } from "../base/host.ts";
import {
  type AbsolutePath,
  absolutePath,
  directoryOf,
  isAbsolutePath,
  nameOf,
  resolvePath,
} from "../base/path.ts";

/*
 * Files embedded in vt that other programs load. They are written out once, under names that change
 * with their content, where no other user can put something else in their place.
 */

/** Directories for them, best first: the person's own cache, never the workspace. */
export function ownDirectories({
  XDG_CACHE_HOME,
  HOME,
  XDG_RUNTIME_DIR,
  TMPDIR,
}: Environment): AbsolutePath[] {
  const user = process.getuid?.() ?? 0;
  const parents = [
    XDG_CACHE_HOME && `${XDG_CACHE_HOME}/vt`,
    HOME && `${HOME}/.cache/vt`,
    XDG_RUNTIME_DIR && `${XDG_RUNTIME_DIR}/vt`,
    TMPDIR && `${TMPDIR}/vt-${user}`,
    `/tmp/vt-${user}`,
    // All that can be written to in many a container.
    `/dev/shm/vt-${user}`,
  ];
  return parents.filter(isAbsolutePath).map((parent) => absolutePath(`${parent}/native`));
}

/** Whether a file of `bytes` is at `path` now, be it that it was there or that it could be written. */
export function didPlace(path: AbsolutePath, bytes: Uint8Array): boolean {
  return isInPlace(path, bytes.length) || didWrite(path, bytes);
}

/** Whether it is there, whole, and no other user could have put it there. */
export function isInPlace(path: AbsolutePath, size: number): boolean {
  try {
    const stats = lstatSync(path);
    const isWhole = stats.isFile() && stats.size === size;
    return isWhole && isPrivate(stats) && isPrivatePlace(resolvePath(path, ".."));
  } catch {
    return false; // Not there, or what should be its directory is none.
  }
}

/** Writes aside and renames, in a directory that is made if need be. False where that cannot be done. */
export function didWrite(path: AbsolutePath, bytes: Uint8Array): boolean {
  const directory = resolvePath(path, "..");
  const temporary = `${path}.${process.pid}`;
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    if (!isPrivatePlace(directory)) return false;
    writeFileSync(temporary, bytes, { mode: 0o755, flag: "wx" });
    chmodSync(temporary, 0o755);
    renameSync(temporary, path);
    return true;
  } catch {
    removeIfPossible(temporary);
    return false; // Read-only, full, or not ours: the next place may do.
  }
}

function removeIfPossible(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    return; // Its directory cannot be had either.
  }
}

/**
 * Whether nobody else can change what lies in a directory, nor put another in its place: up to the one that
 * is named for vt. Above that, other users may have theirs, but not touch ours.
 */
function isPrivatePlace(directory: AbsolutePath): boolean {
  const stats = lstatSync(directory);
  if (!stats.isDirectory() || !isPrivate(stats)) return false;
  const isTopmost = /^vt(?:-\d+)?$/.test(nameOf(directory)) || directory === directoryOf(directory);
  return isTopmost || isPrivatePlace(directoryOf(directory));
}

function isPrivate({ uid, mode }: { readonly uid: number; readonly mode: number }): boolean {
  return uid === process.getuid?.() && (mode & 0o022) === 0;
}
