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
  return (request) => findFirst(request, isKnownExecutable);
}

function findFirst(
  { name, cwd, path }: ProgramRequest,
  isExecutable: (path: AbsolutePath) => boolean,
): AbsolutePath | undefined {
  // An empty entry of PATH means the current directory, as in every shell.
  const directories = isPath(name) ? [""] : (path?.split(searchPathSeparator) ?? []);
  const names = isWindows ? namesOnWindows(name) : [name];
  for (const directory of directories) {
    for (const file of names) {
      const candidate = resolvePath(cwd, directory, file);
      if (isExecutable(candidate)) return candidate;
    }
  }
  return undefined;
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
