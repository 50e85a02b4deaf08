import { comparePaths, parentOf, type WorkspacePath } from "../base/path.ts";
import type { Manifest } from "./manifest.ts";

/*
 * What may be an output. One set of rules for putting away and for bringing back: what restore would
 * refuse is not stored in the first place.
 */

const GiB = 1024 ** 3;

/** Bytes of one file. */
export const outputBytesMax = 4 * GiB;

/** Files, directories and links of one step together. */
export const outputsMax = 200_000;

/** Of a mode only these bits are kept and restored: nothing gets to run as another user. */
export const permissionMask = 0o777;

/** What its owner needs to put something into a directory. */
export const openBits = 0o300;

/** A name that no output may have, or NUL; on file systems that fold case, `.GIT` is the same directory. */
const unusable = /(?:^|\/)(?:\.{0,2}|\.git)(?:\/|$)|\0/i;

/** What is wrong with `path` as the place of an output, as a phrase that follows "it is"; undefined when nothing is. */
export function pathProblem(path: WorkspacePath): string | undefined {
  if (!unusable.test(path)) return undefined;
  if (path === "") return "the workspace itself";
  if (path.includes("\0")) return "a name with a NUL byte";
  const isClean = path.split("/").every((name) => !["", ".", ".."].includes(name));
  return isClean ? "a path in .git" : "no clean path below the workspace";
}

/**
 * What is wrong with `target` as the text of a link at `path`, as a phrase that follows "it is";
 * undefined when nothing is.
 *
 * After a name no `..` may follow: `a/..` need not be the directory that holds `a`, because `a` may be
 * a link itself, so only leading `..` can be counted without looking at the disk.
 */
export function linkProblem(path: WorkspacePath, target: string): string | undefined {
  if (target === "" || target.includes("\0")) return "a link without a usable target";
  if (target.startsWith("/")) return "a link to an absolute path";
  const names = target.split("/").filter((name) => name !== "" && name !== ".");
  const firstName = names.findIndex((name) => name !== "..");
  const ups = firstName === -1 ? names.length : firstName;
  if (ups > path.split("/").length - 1) return "a link that leads out of the workspace";
  if (names.lastIndexOf("..") >= ups) return "a link whose target goes up again after a name";
  return undefined;
}

/** What makes a stored manifest one that `createArchive` cannot have written; undefined when nothing does. */
export function manifestProblem(manifest: Manifest): string | undefined {
  if (manifest.length > outputsMax) return `it lists ${manifest.length} outputs`;
  let previous: WorkspacePath | undefined;
  const above = directoriesAbove(manifest);
  for (const entry of manifest) {
    if (previous !== undefined && comparePaths(previous, entry.path) >= 0)
      return "it is not in order";
    previous = entry.path;
    const problem = pathProblem(entry.path) ?? contentProblem(entry);
    if (problem !== undefined) return `an output is ${problem}`;
    if (entry.kind !== "directory" && above.has(entry.path))
      return "an output lies below one that is no directory";
  }
  return undefined;
}

/** Those that hold an entry, and those above them, each once. */
function directoriesAbove(manifest: Manifest): ReadonlySet<WorkspacePath> {
  const directories = new Set<WorkspacePath>();
  for (const { path } of manifest)
    for (let at = parentOf(path); at !== "" && !directories.has(at); at = parentOf(at))
      directories.add(at);
  return directories;
}

function contentProblem(entry: Manifest[number]): string | undefined {
  if (entry.kind === "link") return linkProblem(entry.path, entry.target);
  if (!Number.isInteger(entry.mode) || (entry.mode & ~permissionMask) !== 0)
    return "one with a strange mode";
  if (entry.kind === "directory") return undefined;
  const isSize = Number.isInteger(entry.size) && entry.size >= 0 && entry.size <= outputBytesMax;
  return isSize ? undefined : "one with a strange size";
}

/** Whether one of the directories above `path` is in `paths`. */
export function hasAncestorIn(paths: ReadonlySet<WorkspacePath>, path: WorkspacePath): boolean {
  if (paths.size === 0) return false;
  for (let above = parentOf(path); above !== ""; above = parentOf(above)) {
    if (paths.has(above)) return true;
  }
  return false;
}
