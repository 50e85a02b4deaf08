import { chmodSync, constants, copyFileSync, mkdirSync, renameSync, rmdirSync } from "node:fs";
import { assert } from "../base/assert.ts";
import { errnoOf, removeIfPresent } from "../base/file.ts";
import {
  type AbsolutePath,
  comparePaths,
  directoryOf,
  diskPath,
  inWorkspace,
  parentOf,
  resolvePath,
  type WorkspacePath,
} from "../base/path.ts";
import { stampKind, stampPermissions } from "../native/stamp.ts";
import { statBatch } from "../native/stat.ts";
import { obstacleAt } from "./compare.ts";
import { temporaryPath } from "./format.ts";
import { type Look, lookAt, obstacleAbove } from "./look.ts";
import type { Manifest, ManifestEntry } from "./manifest.ts";
import { hasAncestorIn, permissionMask } from "./rules.ts";
import { makeLink } from "./stage.ts";
import { isSystemError, systemWords } from "./system-error.ts";

export type PlaceRequest = {
  readonly root: AbsolutePath;
  readonly manifest: Manifest;
  /** Row numbers of what is to be put in place, ascending. */
  readonly rows: readonly number[];
  /** Holds each needed file and link under its row number. */
  readonly staging: AbsolutePath;
  /** Never restored over: files, and directories with all that is in them. */
  readonly protectedPaths: ReadonlySet<WorkspacePath>;
};

export type PlaceOutcome =
  | {
      readonly kind: "placed";
      /** What something else was standing at. */
      readonly edited: readonly WorkspacePath[];
    }
  | { readonly kind: "blocked"; readonly path: WorkspacePath }
  | { readonly kind: "failed"; readonly detail: string };

/**
 * Moves what was staged to where it belongs. Every destination is checked before anything is changed;
 * when one is blocked, or the first move fails, the tree is as it was. Each file or link appears whole
 * or not at all. Directories come first, links last, modes of directories after both.
 */
export function placeOutputs(request: PlaceRequest): PlaceOutcome {
  const { root, manifest, rows } = request;
  const entries = rows.map((row) => entryAt(manifest, row));
  const look = lookAt(
    root,
    entries.map((entry) => entry.path),
  );
  const obstacle = findObstacle(request, entries, look);
  if (obstacle !== undefined) return { kind: "blocked", path: obstacle };

  const work = new Placing(request, entries, look);
  try {
    work.makeDirectories();
    for (const kind of ["file", "link"] as const) work.move(kind);
  } catch (error) {
    if (!isSystemError(error)) throw error;
    work.undo();
    return { kind: "failed", detail: systemWords(error) };
  }
}
