import { readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import { join } from "node:path";
import { comparePaths } from "../../../src/base/path.ts";

/**
 * Path → what it holds, of everything in a workspace but what is installed and what Next.js keeps for itself:
 * mode and content, link text, or directory.
 */
export type Picture = ReadonlyMap<string, string>;

/** What `root` holds now. */
export function takePicture(root: string): Picture {
  return new Map(pathsBelow(root, "").sort(([a], [b]) => comparePaths(a, b)));
}

/** The paths that differ, each with what is the matter; empty when the two are equal. */
export function compare(now: Picture, wanted: Picture): readonly string[] {
  const paths = [...new Set([...now.keys(), ...wanted.keys()])].sort(comparePaths);
  return paths
    .filter((path) => now.get(path) !== wanted.get(path))
    .map((path) => {
      if (!now.has(path)) return `${path} is missing`;
      return wanted.has(path) ? `${path} differs` : `${path} is left`;
    });
}

/** The topmost paths of `now` that are not in `earlier`: what a run has made. */
export function newPaths(now: Picture, earlier: Picture): readonly string[] {
  const isNew = (path: string): boolean => path !== "." && !earlier.has(path);
  return [...now.keys()].filter((path) => isNew(path) && !isNew(parentOf(path)));
}

function pathsBelow(root: string, directory: string): [string, string][] {
  return readdirSync(join(root, directory), { withFileTypes: true }).flatMap((entry) => {
    const path = directory === "" ? entry.name : `${directory}/${entry.name}`;
    if (path === "node_modules" || path === ".next/cache") return [];
    const absolute = join(root, path);
    if (entry.isDirectory()) return [[path, "directory"], ...pathsBelow(root, path)];
    if (entry.isSymbolicLink()) return [[path, `link to ${readlinkSync(absolute)}`]];
    const mode = (statSync(absolute).mode & 0o777).toString(8);
    return [[path, `${mode} ${readFileSync(absolute, "latin1")}`]];
  });
}

function parentOf(path: string): string {
  return path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : ".";
}
