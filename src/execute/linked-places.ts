import { realpathSync } from "node:fs";
import { readDirectory } from "../base/directory.ts";
import { errnoOf } from "../base/file.ts";
import {
  type AbsolutePath,
  absolutePath,
  comparePaths,
  directoryOf,
  diskPath,
  resolvePath,
  toWorkspacePath,
} from "../base/path.ts";
import type { LinkedPlace } from "../observe/context.ts";

/**
 * Packages that are linked into the workspace from elsewhere. A runtime that resolves links before it
 * reads, as Node does, never names them as paths of the workspace.
 */
export function findLinkedPlaces(
  root: AbsolutePath,
  packages: readonly AbsolutePath[],
): LinkedPlace[] {
  return packages.flatMap((directory) => linksIn(root, resolvePath(directory, "node_modules")));
}

function linksIn(root: AbsolutePath, directory: AbsolutePath): LinkedPlace[] {
  return (readDirectory(directory) ?? []).flatMap(([name, kind]) => {
    const path = resolvePath(directory, name);
    if (kind === "directory" && name.startsWith("@")) return linksIn(root, path);
    if (kind !== "link") return [];
    const target = realPath(path);
    const link = toWorkspacePath(root, path);
    const isElsewhere = target !== undefined && toWorkspacePath(root, target) === undefined;
    return isElsewhere && link !== undefined ? [{ link, target }] : [];
  });
}

function realPath(path: AbsolutePath): AbsolutePath | undefined {
  try {
    return absolutePath(realpathSync(diskPath(path)));
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return undefined; // It leads nowhere.
  }
}

/** At most `max` directories that together hold all of `places`. */
export function coveringDirectories(
  places: readonly AbsolutePath[],
  max: number,
): readonly AbsolutePath[] {
  let cover = outermost(places);
  while (cover.length > max) cover = outermost(cover.map(deepestRaised(cover)));
  return cover;
}

/** Raises the directories that lie deepest by one level: what is left is as narrow as can be. */
function deepestRaised(cover: readonly AbsolutePath[]): (path: AbsolutePath) => AbsolutePath {
  const depth = (path: AbsolutePath): number => path.split("/").length;
  const deepest = Math.max(...cover.map(depth));
  return (path) => (depth(path) === deepest ? directoryOf(path) : path);
}

function outermost(places: readonly AbsolutePath[]): AbsolutePath[] {
  const cover: AbsolutePath[] = [];
  for (const place of [...new Set(places)].sort(comparePaths)) {
    if (!cover.some((holder) => toWorkspacePath(holder, place) !== undefined)) cover.push(place);
  }
  return cover;
}
