import { assert } from "../base/assert.ts";
import type { AbsolutePath, WorkspacePath } from "../base/path.ts";
import { archivePath } from "./format.ts";
import type { ArchiveReference, Manifest, ManifestEntry } from "./manifest.ts";
import { type PlaceOutcome, placeOutputs } from "./place.ts";
import { manifestProblem } from "./rules.ts";
import { makeLink, makeStagingDirectory, type NeededRow, stagedPath } from "./stage.ts";
import { isSystemError, systemWords } from "./system-error.ts";
import { type UnpackOutcome, unpackFiles } from "./unpack.ts";

export type RestoreRequest = {
  readonly root: AbsolutePath;
  readonly manifest: Manifest;
  /** What is missing or edited; from the manifest. */
  readonly needed: readonly ManifestEntry[];
  /** Undefined when the manifest has no files. */
  readonly archive: ArchiveReference | undefined;
  /** Where archives lie. */
  readonly archiveDirectory: AbsolutePath;
  /** Exists and can be written to. Best on the file system of the tree: files are moved from here to there. */
  readonly stagingDirectory: AbsolutePath;
  /** Never restored over: files, and directories with all that is in them. `.git` need not be named. */
  readonly protectedPaths: ReadonlySet<WorkspacePath>;
};

export type RestoreOutcome =
  | {
      readonly kind: "restored";
      readonly paths: readonly WorkspacePath[];
      /** Those of `paths` where something else had been standing. */
      readonly edited: readonly WorkspacePath[];
    }
  /** The entry is of no use to anybody. The tree was not touched. */
  | { readonly kind: "damaged"; readonly detail: string }
  /** What stands at `path` must not be replaced. The tree was not touched. */
  | { readonly kind: "blocked"; readonly path: WorkspacePath }
  /** The operating system refused something. What was put in place until then is whole. */
  | { readonly kind: "failed"; readonly detail: string };

/**
 * Puts outputs back: everything needed is unpacked and verified aside, every destination is checked,
 * and only then is the tree touched. A restored file is new: its times are those of the restore.
 */
export async function restoreOutputs(request: RestoreRequest): Promise<RestoreOutcome> {
  const { root, manifest, protectedPaths } = request;
  const problem = manifestProblem(manifest);
  if (problem !== undefined) return { kind: "damaged", detail: problem };
  const needed = neededRows(request);
  try {
    using staging = makeStagingDirectory(request.stagingDirectory);
    const staged = await stage(request, needed, staging.path);
    if (staged.kind !== "unpacked") return staged;
    const placed = placeOutputs({ root, manifest, needed, staging: staging.path, protectedPaths });
    return describe(placed, needed);
  } catch (error) {
    if (!isSystemError(error)) throw error;
    return { kind: "failed", detail: systemWords(error) };
  }
}

function neededRows({ manifest, needed }: RestoreRequest): NeededRow[] {
  const paths = new Set(needed.map((entry) => entry.path));
  const rows = [...manifest.entries()].flatMap(([row, entry]) =>
    paths.has(entry.path) ? [{ row, entry }] : [],
  );
  assert(rows.length === paths.size, "what is needed is in the manifest");
  return rows;
}

async function stage(
  { manifest, archive, archiveDirectory }: RestoreRequest,
  needed: readonly NeededRow[],
  staging: AbsolutePath,
): Promise<UnpackOutcome> {
  const targets = new Map<number, AbsolutePath>();
  for (const { row, entry } of needed) {
    if (entry.kind === "file") targets.set(row, stagedPath(staging, row));
    if (entry.kind === "link") makeLink(stagedPath(staging, row), entry.target);
  }
  if (targets.size === 0) return { kind: "unpacked" };
  if (archive === undefined) return { kind: "damaged", detail: "it has files and no archive" };
  const archiveFile = archivePath(archiveDirectory, archive.digest);
  return unpackFiles({ archiveFile, archive, manifest, targets });
}

function describe(placed: PlaceOutcome, needed: readonly NeededRow[]): RestoreOutcome {
  if (placed.kind !== "placed") return placed;
  return {
    kind: "restored",
    paths: needed.map(({ entry }) => entry.path),
    edited: placed.edited,
  };
}
