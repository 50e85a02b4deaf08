import { delimiter, isAbsolute, join, normalize, relative, resolve, sep } from "node:path";
import { decodePath, encodePath } from "./path-bytes.ts";

/*
 * Paths are bytes on Linux and text in TypeScript. A byte that is not valid UTF-8 is carried as the
 * lone surrogate U+DC00 + byte (the scheme of Python's PEP 383), so every path is a string that
 * compares, sorts and joins like any other and comes back as the same bytes. Whatever hands a path
 * to the operating system goes through `diskPath`, whatever shows one goes through `printable`.
 */

declare const brand: unique symbol;

/** An absolute path in the host's own form. The only kind of path that touches the file system. */
export type AbsolutePath = string & { readonly [brand]: "AbsolutePath" };

/** A path below the workspace root, `/`-separated on every platform; "" is the root. The only kind that is stored. */
export type WorkspacePath = string & { readonly [brand]: "WorkspacePath" };

/** Whether paths are those of Windows here. */
export const isWindows = sep === "\\";

/** What stands between the directories of PATH. */
export const searchPathSeparator = delimiter;

export function isAbsolutePath(path: string | undefined): path is string {
  return path !== undefined && isAbsolute(path);
}

/** Normalises `path`. Throws a TypeError when it is not absolute: that is a bug, not bad input. */
export function absolutePath(path: string): AbsolutePath {
  if (!isAbsolute(path)) throw new TypeError(`not an absolute path: ${path}`);
  return withoutTrailingSlash(onBytes(normalize, [path])) as AbsolutePath;
}

/** `path` as seen from the directory `from`; an absolute `path` stays itself. Lexical: no link is followed. */
export function resolvePath(from: AbsolutePath, ...path: readonly string[]): AbsolutePath {
  const [only] = path;
  // Nearly always there is nothing to be worked out, and this is asked for very often.
  if (only !== undefined && path.length === 1 && sep === "/") {
    if (only === "") return from;
    if (isClean(only) && from !== "/")
      return (only.startsWith("/") ? only : `${from}/${only}`) as AbsolutePath;
  }
  return onBytes(resolve, [from, ...path]) as AbsolutePath;
}

/** Whether no component of it is empty, `.` or `..`. */
function isClean(path: string): boolean {
  return !/(?:^\.{1,2}|\/\.{0,2})(?:\/|$)/.test(path);
}

const slash = 0x2f;

/** Returns undefined when `path` lies outside `root`: the caller decides whether that matters. */
export function toWorkspacePath(root: AbsolutePath, path: AbsolutePath): WorkspacePath | undefined {
  if (path === root) return "" as WorkspacePath;
  if (sep === "/" && root !== "/") {
    return isInside(root, path) ? (path.slice(root.length + 1) as WorkspacePath) : undefined;
  }
  const prefix = root === "/" ? root : `${root}/`;
  const posix = sep === "/" ? path : path.replaceAll(sep, "/");
  const posixPrefix = sep === "/" ? prefix : prefix.replaceAll(sep, "/");
  return posix.startsWith(posixPrefix)
    ? (posix.slice(posixPrefix.length) as WorkspacePath)
    : undefined;
}

/** Whether that is defined, for much less. */
export function isInside(root: AbsolutePath, path: AbsolutePath): boolean {
  if (sep !== "/" || root === "/") return toWorkspacePath(root, path) !== undefined;
  if (!path.startsWith(root)) return false;
  return path.length === root.length || path.charCodeAt(root.length) === slash;
}

/**
 * `path` as it is reached from `root`, with leading `..` where it lies elsewhere. Only an input outside
 * the workspace is ever named like that.
 */
export function reachedFrom(root: AbsolutePath, path: AbsolutePath): WorkspacePath {
  const found = onBytes(relative, [root, path]);
  return (sep === "/" ? found : found.replaceAll(sep, "/")) as WorkspacePath;
}

/** The absolute path of a workspace path. */
export function inWorkspace(root: AbsolutePath, path: WorkspacePath): AbsolutePath {
  if (path === "") return root;
  // Clean paths, and that is nearly all, need no working out; this is asked for very often.
  if (sep === "/" && root !== "/" && !path.startsWith(".."))
    return `${root}/${path}` as AbsolutePath;
  return onBytes(join, [root, path]) as AbsolutePath;
}

/** Checks nothing: for text that is known to be root-relative, clean and `/`-separated. */
export function workspacePath(path: string): WorkspacePath {
  return path as WorkspacePath;
}

let lastParent = "" as WorkspacePath;

/** The directory that holds `path`; the parent of a top-level entry is "". */
export function parentOf(path: WorkspacePath): WorkspacePath {
  const length = Math.max(0, path.lastIndexOf("/"));
  // Neighbours follow each other, and whoever asks looks the answer up: the same text has its hash already.
  if (length !== lastParent.length || !path.startsWith(lastParent))
    lastParent = path.slice(0, length) as WorkspacePath;
  return lastParent;
}

/** The last component. */
export function nameOf(path: string): string {
  const end = isWindows
    ? Math.max(path.lastIndexOf("/"), path.lastIndexOf(sep))
    : path.lastIndexOf("/");
  return path.slice(end + 1);
}

/** The directory that holds `path`; the parent of the file system's root is itself. */
export function directoryOf(path: AbsolutePath): AbsolutePath {
  if (sep !== "/") return onBytes(resolve, [path, ".."]) as AbsolutePath;
  return (path.slice(0, path.lastIndexOf("/")) || "/") as AbsolutePath;
}

/** Whether `path` is `directory` or lies below it. */
export function isWithin(path: WorkspacePath, directory: WorkspacePath): boolean {
  return directory === "" || path === directory || path.startsWith(`${directory}/`);
}

/** By UTF-16 code unit: the one order in which paths are sorted, whatever the locale. */
export function comparePaths(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Whether each comes after the one before it in the order of `comparePaths`: then none is there twice. */
export function areInOrder(paths: readonly string[]): boolean {
  for (let index = 1; index < paths.length; index++)
    if ((paths[index - 1] ?? "") >= (paths[index] ?? "")) return false;
  return true;
}

/** Many paths in the order of `comparePaths`, in which they often are already. */
export function sortPaths<Path extends string>(paths: Iterable<Path>): Path[] {
  const all = [...paths];
  if (areInOrder(all)) return all;
  // biome-ignore lint/suspicious/useArraySortCompare: the engine compares texts just so, without calling us for each two.
  return all.sort();
}

/**
 * Runs an operation of `node:path`, which Bun makes replace bytes that are no text; it works on `/`
 * and `.` only, so it can be given one character per byte instead.
 */
function onBytes(operation: (...paths: string[]) => string, paths: readonly string[]): string {
  if (paths.every((path) => path.isWellFormed())) return operation(...paths);
  const latin = paths.map((path) => Buffer.from(encodePath(path)).toString("latin1"));
  return decodePath(Buffer.from(operation(...latin), "latin1"));
}

/** The form in which `node:fs` takes a path: text where that is enough, bytes where it is not. */
export function diskPath(path: AbsolutePath): string | Buffer {
  return path.isWellFormed() ? path : Buffer.from(encodePath(path));
}

/** For a person to read: control characters and bytes that are no text are written as `\xNN`. */
export function printable(path: string): string {
  if (/^[ -~]*$/.test(path)) return path;
  let text = "";
  for (const character of path) {
    const unit = character.charCodeAt(0);
    if (character.length === 1 && unit >= 0xdc80 && unit <= 0xdcff)
      text += hexEscape(unit - 0xdc00);
    else if (unit < 0x20 || (unit >= 0x7f && unit < 0xa0)) text += hexEscape(unit);
    else text += isBidiControl(unit) ? `\\u${unit.toString(16)}` : character;
  }
  return text;
}

function hexEscape(byte: number): string {
  return `\\x${byte.toString(16).padStart(2, "0")}`;
}

/** Characters that reorder the text around them could make one path look like another. */
function isBidiControl(unit: number): boolean {
  return (unit >= 0x202a && unit <= 0x202e) || (unit >= 0x2066 && unit <= 0x2069);
}

function withoutTrailingSlash(path: string): string {
  return path.length > 1 && /[/\\]$/.test(path) ? path.slice(0, -1) : path;
}
