import { accessSync, constants, existsSync, lstatSync, statSync } from "node:fs";
import { isDirectory } from "../base/directory.ts";
import {
  type AbsolutePath,
  directoryOf,
  diskPath,
  isWindows,
  nameOf,
  printable,
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

/** What was looked at in search of programs. */
export type PlacesSeen = Map<AbsolutePath, PlaceSeen>;

type PlaceSeen = "program" | "other" | "missing";

/** What a search has come upon. */
type ProgramPlace = {
  readonly found: AbsolutePath | undefined;
  /**
   * Where the program will be once something has made it: at the path that is asked for, or where PATH leads to
   * something in the workspace by its name that is no program yet, such as a link to what the build of a package
   * writes. Undefined where no such place comes before `found`.
   */
  readonly expected: AbsolutePath | undefined;
};

export type ProgramFinder = {
  readonly find: FindProgram;
  readonly locate: (request: ProgramRequest) => ProgramPlace;
};

/**
 * For a time in which nothing changes, such as that of planning: looks at each path only once, and notes in
 * `seen` what is there.
 */
export function searchPrograms(root: AbsolutePath, seen: PlacesSeen = new Map()): ProgramFinder {
  /** Names of what is in the place of a program. */
  const others = new Set<string>();
  const look = lookOnce(seen, (path) => others.add(nameOf(path)));
  const find = createFinder(look);
  const locate: ProgramFinder["locate"] = (request) => {
    const found = find(request);
    const { name } = request;
    // Of almost every program nothing else is there by its name.
    const isClear = isPath(name) ? found !== undefined : !others.has(name);
    return { found, expected: isClear ? undefined : expectProgram(request, root, look) };
  };
  return { find, locate };
}

/** As `searchPrograms`, for who is only to find. */
export function createProgramFinder(): FindProgram {
  return createFinder(lookOnce(new Map()));
}

type Look = (path: AbsolutePath) => PlaceSeen;

function lookOnce(seen: PlacesSeen, onOther?: (path: AbsolutePath) => void): Look {
  return (path) => {
    const known = seen.get(path);
    if (known !== undefined) return known;
    const place = whatIsAt(diskPath(path));
    seen.set(path, place);
    if (place === "other") onOther?.(path);
    return place;
  };
}

function createFinder(look: Look): FindProgram {
  const isKnownExecutable = (path: AbsolutePath): boolean => look(path) === "program";
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

function expectProgram(
  request: ProgramRequest,
  root: AbsolutePath,
  look: Look,
): AbsolutePath | undefined {
  for (const place of placesOf(request)) {
    const seen = look(place);
    if (seen === "program") return undefined;
    if (isPath(request.name)) return place;
    if (seen === "other" && toWorkspacePath(root, place) !== undefined) return place;
  }
  return undefined;
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
export function isPath(name: string): boolean {
  return name.includes("/") || (isWindows && name.includes("\\"));
}

function whatIsAt(file: string | Buffer): PlaceSeen {
  let isThere = false;
  try {
    const stats = lstatSync(file, { throwIfNoEntry: false });
    if (stats === undefined) return "missing";
    isThere = true;
    const end = stats.isSymbolicLink() ? statSync(file, { throwIfNoEntry: false }) : stats;
    if (end?.isFile() !== true) return "other";
    accessSync(file, constants.X_OK);
    return "program";
  } catch {
    // Whatever keeps us from looking at it (a link in a circle, no permission) would keep the system from
    // running it.
    return isThere ? "other" : "missing";
  }
}

/** What Yarn leaves in the root, the second one before its version 2. */
const plugAndPlayFiles = [".pnp.cjs", ".pnp.js"];

/** Whether Yarn has installed the workspace without any `node_modules`: then programs have no files of their own. */
export function hasPlugAndPlay(root: AbsolutePath, files = plugAndPlayFiles): boolean {
  return files.some((name) => existsSync(resolvePath(root, name)));
}

/** That there is no such program, where it was looked for, and what stands there instead. */
export function describeNotFound(request: ProgramRequest, root: AbsolutePath): string {
  const { name, cwd } = request;
  const places = placesOf(request);
  const looked = describeSearch(request, { root, places });
  const obstacle = places.map((place) => describeObstacle(place, root)).find((text) => text);
  const parts = [
    `program "${name}" not found from ${cwd}`,
    `looked in: ${looked}`,
    ...(obstacle === undefined ? [] : [obstacle]),
  ];
  return printable(parts.join("; "));
}

/** Each path at which a program could be, in order. */
function placesOf({ name, cwd, path }: ProgramRequest): AbsolutePath[] {
  if (isPath(name)) return [resolvePath(cwd, name)];
  const directories = path?.split(searchPathSeparator) ?? [];
  return directories.map((directory) => resolvePath(resolvePath(cwd, directory), name));
}

type SearchAround = { readonly root: AbsolutePath; readonly places: readonly AbsolutePath[] };

/** The directories of the workspace, and then the rest of PATH. */
function describeSearch({ name, path }: ProgramRequest, { root, places }: SearchAround): string {
  if (isPath(name)) return places.join();
  if (path === undefined) return "nowhere, since PATH is not set";
  const own = places.flatMap((place) => toWorkspacePath(root, directoryOf(place)) ?? []);
  const named = [...new Set(own)].map((directory) => (directory === "" ? "." : directory));
  return [...named, ...(own.length < places.length ? ["PATH"] : [])].join(", ");
}

/** Why what is at the path is no program. */
function describeObstacle(path: AbsolutePath, root: AbsolutePath): string | undefined {
  if (whatIsAt(diskPath(path)) !== "other") return undefined;
  const shown = toWorkspacePath(root, path) ?? path;
  if (!existsSync(diskPath(path))) return `${shown} is a link to what is not there`;
  return isDirectory(path) ? undefined : `${shown} is not executable`;
}
