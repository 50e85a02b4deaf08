import { lstatSync, readlinkSync } from "node:fs";
import { errnoOf } from "../base/file.ts";
import {
  type AbsolutePath,
  absolutePath,
  directoryOf,
  diskPath,
  nameOf,
  resolvePath,
  toWorkspacePath,
} from "../base/path.ts";
import { decodePath } from "../base/path-bytes.ts";
import { manifestOfPackage } from "../cache/programs.ts";
import { provenStamp } from "../fingerprint/clock.ts";
import {
  type Expectation,
  type PackedExpectations,
  packExpectations,
  unpackExpectations,
} from "../native/expectation.ts";
import { isSameMode, isSameStamp, stampKind, unprovenStamp } from "../native/stamp.ts";
import { statBatch } from "../native/stat.ts";

/** What a run that has just ended went by. */
export type RunGrounds = {
  readonly root: AbsolutePath;
  /** Before it looked at anything. */
  readonly beganAtMs: number;
  /** With which its steps were content. */
  readonly steps: readonly PackedExpectations[];
  /** Files and folders that it was planned by, and programs, found or not. */
  readonly looked: Iterable<AbsolutePath>;
  /** The cache, and vt itself: files that nobody puts others in the place of without a trace. */
  readonly own: readonly AbsolutePath[];
};

/**
 * All that stands as it did when the run looked at it, and must for another run to come to the same end.
 * Undefined where that cannot be said of something.
 *
 * What the run was planned by is looked at only now. That is soon enough where it, and each directory on
 * the way to it, was last changed before the run began: then nothing came, went or was exchanged meanwhile.
 */
export function collectFacts(grounds: RunGrounds): PackedExpectations | undefined {
  const { root, beganAtMs, steps, own } = grounds;
  const resolve = createResolver();
  const looked = new Set<AbsolutePath>();
  for (const path of grounds.looked) {
    const way = resolve(path);
    for (const place of way) looked.add(place);
    const end = way.at(-1) ?? path;
    const manifest = manifestOfPackage(end);
    // Of what is in a package the manifest counts, too (`cache/programs.ts`).
    if (manifest !== undefined && isThere(end)) looked.add(manifest);
  }
  const facts = new Map<string, Expectation>();
  const areFromSteps = steps.every((packed) =>
    unpackExpectations(packed).every((one) => didAdd(facts, one)),
  );
  const now = [...looked, ...own];
  const stamps = statBatch(now);
  const isOld = (index: number): boolean => {
    const stamp = stamps[index] ?? unprovenStamp;
    return provenStamp(stamp, beganAtMs) !== unprovenStamp;
  };
  const areOld = now.every(
    (path, index) =>
      isOld(index) &&
      didAdd(facts, {
        path: toWorkspacePath(root, path) ?? path,
        stamp: stamps[index] ?? unprovenStamp,
        sameness: "all",
      }),
  );
  if (!areFromSteps || !areOld || !wereLeftAlone(directoriesAround(root, looked), beganAtMs))
    return undefined;
  return packExpectations([...facts.values()]);
}

/** False where the same path is known to have been otherwise. */
function didAdd(facts: Map<string, Expectation>, one: Expectation): boolean {
  const known = facts.get(one.path);
  if (known === undefined || (known.sameness === "mode" && one.sameness === "all"))
    facts.set(one.path, one);
  if (known === undefined) return true;
  const areExact = known.sameness === "all" && one.sameness === "all";
  return areExact ? isSameStamp(known.stamp, one.stamp) : isSameMode(known.stamp, one.stamp);
}

/** Of what lies in the workspace every directory above it, else the nearest one that is there. */
function directoriesAround(
  root: AbsolutePath,
  paths: Iterable<AbsolutePath>,
): ReadonlySet<AbsolutePath> {
  const directories = new Set<AbsolutePath>();
  for (const path of paths) {
    let directory = directoryOf(path);
    const isInside = toWorkspacePath(root, directory) !== undefined;
    while (!directories.has(directory)) {
      directories.add(directory);
      if (isInside ? directory === root : isThere(directory)) break;
      directory = directoryOf(directory);
    }
  }
  return directories;
}

function isThere(path: AbsolutePath): boolean {
  return lstatSync(diskPath(path), { throwIfNoEntry: false }) !== undefined;
}

function wereLeftAlone(directories: ReadonlySet<AbsolutePath>, beganAtMs: number): boolean {
  return statBatch([...directories]).every(
    (stamp) => provenStamp(stamp, beganAtMs) !== unprovenStamp,
  );
}

const linksMax = 40;

/** Tells what a path leads to: every link on the way, without a link in its own path, and then the end. */
function createResolver(): (path: AbsolutePath) => readonly AbsolutePath[] {
  const known = new Map<AbsolutePath, readonly AbsolutePath[]>();
  const resolve = (path: AbsolutePath, depth: number): readonly AbsolutePath[] => {
    const parent = directoryOf(path);
    if (parent === path || depth > linksMax) return [path];
    const found = known.get(path) ?? follow(resolve(parent, depth), nameOf(path), depth);
    known.set(path, found);
    return found;
  };
  const follow = (
    parents: readonly AbsolutePath[],
    name: string,
    depth: number,
  ): readonly AbsolutePath[] => {
    const directory = parents.at(-1) ?? absolutePath("/");
    const path = resolvePath(directory, name);
    const target = linkTarget(path);
    const links = parents.slice(0, -1);
    return target === undefined
      ? [...links, path]
      : [...links, path, ...resolve(resolvePath(directory, target), depth + 1)];
  };
  return (path) => resolve(path, 0);
}

function linkTarget(path: AbsolutePath): string | undefined {
  const [stamp] = statBatch([path]);
  if (stamp === undefined || stampKind(stamp) !== "link") return undefined;
  try {
    return decodePath(readlinkSync(diskPath(path), { encoding: "buffer" }));
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return undefined; // Gone, which its stamp will show.
  }
}
