import { chmodSync, constants, copyFileSync, renameSync } from "node:fs";
import { errnoOf, removeIfPresent } from "../base/file.ts";
import {
  type AbsolutePath,
  directoryOf,
  diskPath,
  parentOf,
  type WorkspacePath,
} from "../base/path.ts";
import { stampKind } from "../native/stamp.ts";
import { obstacleAt } from "./compare.ts";
import { prepareDirectories, settleDirectories } from "./directories.ts";
import { temporaryPath } from "./format.ts";
import { HeldDirectories } from "./held-directories.ts";
import { type Look, lookAt, obstacleAbove, stampAt } from "./look.ts";
import type { Manifest, ManifestEntry } from "./manifest.ts";
import { hasAncestorIn } from "./rules.ts";
import { makeLink, type NeededRow, type Staging } from "./staging.ts";
import { isSystemError, systemWords } from "./system-error.ts";
import type { StagedTree } from "./trees.ts";

export type PlaceRequest = {
  readonly root: AbsolutePath;
  readonly manifest: Manifest;
  readonly needed: readonly NeededRow[];
  /** Holds each needed file and link. */
  readonly staging: Staging;
  /** What of it is moved in one piece where that can be done, by where it belongs. */
  readonly trees: ReadonlyMap<WorkspacePath, StagedTree>;
  /** Never restored over: files, and directories with all that is in them. */
  readonly protectedPaths: ReadonlySet<WorkspacePath>;
};

export type PlaceOutcome =
  /** `edited` is where something else had been standing. */
  | { readonly kind: "placed"; readonly edited: readonly WorkspacePath[] }
  | { readonly kind: "blocked"; readonly path: WorkspacePath }
  | { readonly kind: "failed"; readonly detail: string };

/**
 * Moves what was staged to where it belongs. Every destination is checked before anything is changed:
 * when one is blocked, and when nothing could be moved, the tree is as it was. A file or link appears
 * whole or not at all.
 */
export function placeOutputs(request: PlaceRequest): PlaceOutcome {
  const { root, needed } = request;
  const look = lookAt(
    root,
    needed.map(({ entry }) => entry.path),
  );
  const blocked = findBlocked(request, look);
  if (blocked !== undefined) return { kind: "blocked", path: blocked };

  const undo: (() => void)[] = [];
  let movedCount = 0;
  // What was checked may be replaced by a link before it is used.
  using held = new HeldDirectories(root);
  try {
    const { moved, unsettled } = prepareDirectories(request, { look, held, undo });
    movedCount += moved.size;
    for (const item of linksLast(needed.filter(({ row }) => !moved.has(row)))) {
      move(request, item, held);
      movedCount++;
    }
    settleDirectories(held, unsettled);
  } catch (error) {
    if (!isSystemError(error)) throw error;
    if (movedCount === 0) for (const step of undo.toReversed()) step();
    return { kind: "failed", detail: systemWords(error) };
  }
  const edited = needed.filter((_, index) => stampKind(stampAt(look, index)) !== "missing");
  return { kind: "placed", edited: edited.map(({ entry }) => entry.path) };
}

function findBlocked(
  { needed, protectedPaths }: PlaceRequest,
  look: Look,
): WorkspacePath | undefined {
  const closed = new Set(
    [...look.above.keys()].filter(
      (path) => protectedPaths.has(path) || hasAncestorIn(protectedPaths, path),
    ),
  );
  for (const [index, { entry }] of needed.entries()) {
    const { path } = entry;
    const stamp = stampAt(look, index);
    if (protectedPaths.has(path) || (closed.size > 0 && closed.has(parentOf(path)))) return path;
    const obstacle = obstacleAbove(look, path) ?? obstacleAt(entry, stamp);
    if (obstacle !== undefined) return obstacle;
  }
  return undefined;
}

/** A link that was there first could lead a later file astray. */
function linksLast(needed: readonly NeededRow[]): NeededRow[] {
  return [
    ...needed.filter(({ entry }) => entry.kind === "file"),
    ...needed.filter(({ entry }) => entry.kind === "link"),
  ];
}

/** Throws system errors; then nothing was moved. */
function move({ staging }: PlaceRequest, { row, entry }: NeededRow, held: HeldDirectories): void {
  const from = staging.at(row);
  const to = held.at(entry.path);
  try {
    renameSync(diskPath(from), diskPath(to));
  } catch (error) {
    if (errnoOf(error) !== "EXDEV") throw error;
    moveAcross(from, to, entry);
  }
}

/**
 * The staging directory can be on another file system than this part of the tree. Then a copy is made
 * beside the destination, under a name that is seen only if vt is killed in this very moment.
 */
function moveAcross(from: AbsolutePath, to: AbsolutePath, entry: ManifestEntry): void {
  const beside = temporaryPath(directoryOf(to));
  try {
    if (entry.kind === "link") makeLink(beside, entry.target);
    if (entry.kind === "file") {
      chmodSync(diskPath(from), 0o600); // Its own mode may keep us from reading it.
      copyFileSync(diskPath(from), diskPath(beside), constants.COPYFILE_EXCL);
      chmodSync(diskPath(beside), entry.mode);
    }
    renameSync(diskPath(beside), diskPath(to));
  } catch (error) {
    removeIfPresent(beside);
    throw error;
  }
}
