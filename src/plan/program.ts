import { accessSync, constants, existsSync, statSync } from "node:fs";
import {
  type AbsolutePath,
  diskPath,
  isWindows,
  resolvePath,
  searchPathSeparator,
  toWorkspacePath,
} from "../base/path.ts";
import { namesOnWindows } from "./windows.ts";

export type ProgramRequest = {
  /** As written in the command. */
  readonly name: string;
  readonly cwd: AbsolutePath;
  /** PATH as the process will see it; undefined when it will see none. */
  readonly path: string | undefined;
};

/** Undefined when there is no such executable file. */
export type FindProgram = (request: ProgramRequest) => AbsolutePath | undefined;

/**
 * For a time in which nothing changes, such as that of planning: looks at each path only once, and notes in
 * `known` which of them is a program.
 */
export function createProgramFinder(known = new Map<AbsolutePath, boolean>()): FindProgram {
  const isKnownExecutable = (path: AbsolutePath): boolean => {
    const isExecutable = known.get(path) ?? isExecutableFile(path);
    known.set(path, isExecutable);
    return isExecutable;
  };
  const searched = new Map<string, AbsolutePath | undefined>();
  return ({ name, cwd, path }) => {
    if (isPath(name)) return findAt(cwd, name, isKnownExecutable);
    if (path === undefined) return undefined;
    // Each package has a directory of its own in front of those that all of them have.
    const end = path.indexOf(searchPathSeparator);
    const first = end === -1 ? path : path.slice(0, end);
    const own = findAt(resolvePath(cwd, first), name, isKnownExecutable);
    if (own !== undefined || end === -1) return own;
    const rest = path.slice(end + 1);
    const key = `${name}\0${isSameEverywhere(rest) ? "" : cwd}\0${rest}`;
    if (!searched.has(key)) searched.set(key, findIn({ name, cwd, path: rest }, isKnownExecutable));
    return searched.get(key);
  };
}

/** Whether the current directory plays no part in it. */
function isSameEverywhere(path: string): boolean {
  return !isWindows && path.startsWith("/") && !/:(?!\/)/.test(path);
}

type IsExecutable = (path: AbsolutePath) => boolean;

/** An empty entry of PATH means the current directory, as in every shell. */
function findIn(
  { name, cwd, path }: ProgramRequest & { readonly path: string },
  isExecutable: IsExecutable,
): AbsolutePath | undefined {
  for (const directory of path.split(searchPathSeparator)) {
    const found = findAt(resolvePath(cwd, directory), name, isExecutable);
    if (found !== undefined) return found;
  }
  return undefined;
}

function findAt(
  directory: AbsolutePath,
  name: string,
  isExecutable: IsExecutable,
): AbsolutePath | undefined {
  if (!isWindows) {
    const path = resolvePath(directory, name);
    return isExecutable(path) ? path : undefined;
  }
  return namesOnWindows(name)
    .map((file) => resolvePath(directory, file))
    .find(isExecutable);
}

/** A name with a directory in it is not looked for in others. */
function isPath(name: string): boolean {
  return name.includes("/") || (isWindows && name.includes("\\"));
}

function isExecutableFile(path: AbsolutePath): boolean {
  const file = diskPath(path);
  try {
    if (statSync(file, { throwIfNoEntry: false })?.isFile() !== true) return false;
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    // Whatever keeps us from looking at it (a link that leads nowhere, no permission) would keep
    // the system from running it.
    return false;
  }
}

/** What Yarn leaves in the root, the second one before its version 2. */
const plugAndPlayFiles = [".pnp.cjs", ".pnp.js"];

/** Whether Yarn has installed the workspace without any `node_modules`: then programs have no files of their own. */
export function hasPlugAndPlay(root: AbsolutePath, files = plugAndPlayFiles): boolean {
  return files.some((name) => existsSync(resolvePath(root, name)));
}

/** Where a program was looked for, in words: the directories of the workspace, and then the rest of PATH. */
export function describeSearch({ name, cwd, path }: ProgramRequest, root: AbsolutePath): string {
  if (isPath(name)) return resolvePath(cwd, name);
  if (path === undefined) return "nowhere, since PATH is not set";
  const directories = path.split(searchPathSeparator).map((entry) => resolvePath(cwd, entry));
  const own = directories.flatMap((directory) => toWorkspacePath(root, directory) ?? []);
  const named = [...new Set(own)].map((directory) => (directory === "" ? "." : directory));
  return [...named, ...(own.length < directories.length ? ["PATH"] : [])].join(", ");
}
