import { type Dirent, lstatSync, readdirSync, type Stats, statSync } from "node:fs";
import { errnoOf } from "./file.ts";
import { type AbsolutePath, diskPath } from "./path.ts";
import { decodePath } from "./path-bytes.ts";

/** What a directory entry can be. */
export type ListedKind = "file" | "directory" | "link" | "other";

/**
 * Names and kinds of the entries of a directory, in no particular order; undefined when it is none or
 * cannot be read. Links are not followed. Names that are not UTF-8 are kept.
 */
export function readDirectory(
  path: AbsolutePath,
): readonly (readonly [string, ListedKind])[] | undefined {
  try {
    const entries = readdirSync(diskPath(path), { withFileTypes: true });
    // The listing with kinds cannot carry such a name, but shows that there is one.
    if (entries.some(({ name }) => name.includes("\ufffd"))) return readRaw(path);
    return entries.map((entry) => [entry.name, direntKind(path, entry)]);
  } catch (error) {
    if (errnoOf(error) !== undefined) return undefined;
    throw error;
  }
}

/** The names alone, which takes far less of a large directory. */
export function readNames(path: AbsolutePath): readonly string[] | undefined {
  try {
    const names = readdirSync(diskPath(path));
    if (!names.some((name) => name.includes("\ufffd"))) return names;
    return readdirSync(diskPath(path), { encoding: "buffer" }).map(decodePath);
  } catch (error) {
    if (errnoOf(error) !== undefined) return undefined;
    throw error;
  }
}

/** Whether there is a directory at the path, or a link to one. */
export function isDirectory(path: AbsolutePath): boolean {
  try {
    return statSync(diskPath(path), { throwIfNoEntry: false })?.isDirectory() === true;
  } catch (error) {
    if (errnoOf(error) !== undefined) return false;
    throw error;
  }
}

function readRaw(path: AbsolutePath): readonly (readonly [string, ListedKind])[] {
  return readdirSync(diskPath(path), { encoding: "buffer" }).map((bytes) => {
    const name = decodePath(bytes);
    return [name, statKind(path, name)];
  });
}

function direntKind(directory: AbsolutePath, entry: Dirent): ListedKind {
  const kind = kindOf(entry);
  // Some file systems do not say in their listings what an entry is.
  return kind === "other" ? statKind(directory, entry.name) : kind;
}

function statKind(directory: AbsolutePath, name: string): ListedKind {
  const stats = lstatSync(diskPath(`${directory}/${name}` as AbsolutePath), {
    throwIfNoEntry: false,
  });
  return stats === undefined ? "other" : kindOf(stats);
}

function kindOf(entry: Dirent | Stats): ListedKind {
  if (entry.isFile()) return "file";
  if (entry.isDirectory()) return "directory";
  return entry.isSymbolicLink() ? "link" : "other";
}
