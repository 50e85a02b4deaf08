import type { Dirent } from "node:fs";
import { lstatSync, readdirSync } from "node:fs";
import type { GlobSet } from "./glob.ts";
import type { AbsolutePath, WorkspacePath } from "./path.ts";
import { comparePaths, diskPath, inWorkspace, nameOf, workspacePath } from "./path.ts";
import { decodePath } from "./path-bytes.ts";

type EntryKind = "file" | "directory" | "other";
type Entry = { readonly name: string; readonly kind: EntryKind };

/**
 * The regular files below `root` that the globs match, by code unit. Links are neither followed nor
 * listed; what cannot be read is passed over.
 */
export function walk(root: AbsolutePath, globs: GlobSet): WorkspacePath[] {
  const found: WorkspacePath[] = [];
  visit(root, globs, (path, kind) => {
    if (kind === "file" && globs.matches(path)) found.push(path);
    return kind === "directory";
  });
  return found.sort(comparePaths);
}

/**
 * The directories below `root`, and `root` itself, that the globs match, by code unit. Goes into no
 * directory with a name in `skipped`. Otherwise as `walk`.
 */
export function walkDirectories(
  root: AbsolutePath,
  globs: GlobSet,
  skipped: ReadonlySet<string>,
): WorkspacePath[] {
  const found: WorkspacePath[] = globs.matches(workspacePath("")) ? [workspacePath("")] : [];
  visit(root, globs, (path, kind) => {
    if (kind !== "directory" || skipped.has(nameOf(path))) return false;
    if (globs.matches(path)) found.push(path);
    return true;
  });
  return found.sort(comparePaths);
}

/** What a walk with these globs looks at: it finds the same as long as all of it stays as it is. */
export function placesWalked(
  root: AbsolutePath,
  globs: GlobSet,
  skipped: ReadonlySet<string> = new Set(),
): WorkspacePath[] {
  return visit(root, globs, (path, kind) => kind === "directory" && !skipped.has(nameOf(path)));
}

/**
 * `shouldEnter` is asked about everything met, the starting points included; `true` goes into it. Returns
 * the starting points and the directories it went into.
 */
function visit(
  root: AbsolutePath,
  globs: GlobSet,
  shouldEnter: (path: WorkspacePath, kind: EntryKind) => boolean,
): WorkspacePath[] {
  const looked: WorkspacePath[] = [...globs.prefixes];
  const pending: WorkspacePath[] = [];
  for (const prefix of globs.prefixes) {
    const isThere = prefix === "" || kindOf(inWorkspace(root, prefix)) === "directory";
    if (prefix === "" || (isThere && shouldEnter(prefix, "directory"))) pending.push(prefix);
  }
  for (let directory = pending.pop(); directory !== undefined; directory = pending.pop()) {
    for (const { name, kind } of readEntries(inWorkspace(root, directory))) {
      const path = workspacePath(directory === "" ? name : `${directory}/${name}`);
      if (!shouldEnter(path, kind) || !globs.canContain(path)) continue;
      pending.push(path);
      looked.push(path);
    }
  }
  return looked;
}

function readEntries(directory: AbsolutePath): readonly Entry[] {
  let entries: Dirent[];
  try {
    entries = readdirSync(diskPath(directory), { withFileTypes: true });
  } catch {
    // Gone meanwhile, or not ours to read: there is nothing to find in it.
    return [];
  }
  const isDamaged = entries.some(({ name }) => name.includes("\ufffd"));
  if (isDamaged) return readRawEntries(directory);
  return entries.map((entry) => ({ name: entry.name, kind: direntKind(directory, entry) }));
}

/** For names that are not UTF-8, which the listing with kinds cannot carry. */
function readRawEntries(directory: AbsolutePath): readonly Entry[] {
  return readdirSync(diskPath(directory), { encoding: "buffer" }).map((bytes) => {
    const name = decodePath(bytes);
    return { name, kind: kindOf(`${directory}/${name}` as AbsolutePath) };
  });
}

function direntKind(directory: AbsolutePath, entry: Dirent): EntryKind {
  if (entry.isFile()) return "file";
  if (entry.isDirectory()) return "directory";
  const isKnown =
    entry.isSymbolicLink() ||
    entry.isSocket() ||
    entry.isFIFO() ||
    entry.isCharacterDevice() ||
    entry.isBlockDevice();
  // Some file systems do not say in their listings what an entry is.
  return isKnown ? "other" : kindOf(`${directory}/${entry.name}` as AbsolutePath);
}

function kindOf(path: AbsolutePath): EntryKind {
  try {
    const status = lstatSync(diskPath(path));
    return status.isFile() ? "file" : status.isDirectory() ? "directory" : "other";
  } catch {
    return "other";
  }
}
