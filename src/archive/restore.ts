import { assert } from "../base/assert.ts";
import type { AbsolutePath, WorkspacePath } from "../base/path.ts";
import { archivePath } from "./format.ts";
import { lookAt } from "./look.ts";
import type { ArchiveReference, Manifest, ManifestEntry } from "./manifest.ts";
import { type PlaceOutcome, placeOutputs } from "./place.ts";
import { manifestProblem } from "./rules.ts";
import { type NeededRow, Staging } from "./staging.ts";
import { isSystemError, systemWords } from "./system-error.ts";
import { planTrees } from "./trees.ts";
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
  const look = lookAt(
    root,
    needed.map(({ entry }) => entry.path),
  );
  const trees = planTrees(manifest, needed, look);
  try {
    using staging = new Staging(request.stagingDirectory, needed, [...trees.values()]);
    const unpacked = await unpack(request, needed, staging);
    if (unpacked.kind !== "unpacked") return unpacked;
    const placed = placeOutputs({ root, manifest, needed, staging, trees, protectedPaths });
    return describe(placed, needed);
  } catch (error) {
    if (!isSystemError(error)) throw error;
    return { kind: "failed", detail: systemWords(error) };
  }
}

function neededRows({ manifest, needed }: RestoreRequest): NeededRow[] {
  if (needed.length === manifest.length) return manifest.map((entry, row) => ({ row, entry }));
  const wanted = new Set(needed);
  const rows: NeededRow[] = [];
  for (const [row, entry] of manifest.entries()) if (wanted.has(entry)) rows.push({ row, entry });
  assert(rows.length === wanted.size, "what is needed is in the manifest");
  return rows;
}

async function unpack(
  { manifest, archive, archiveDirectory }: RestoreRequest,
  needed: readonly NeededRow[],
  sink: Staging,
): Promise<UnpackOutcome> {
  if (!needed.some(({ entry }) => entry.kind === "file")) return { kind: "unpacked" };
  if (archive === undefined) return { kind: "damaged", detail: "it has files and no archive" };
  const archiveFile = archivePath(archiveDirectory, archive.digest);
  return await unpackFiles({ archiveFile, archive, manifest, sink });
}

function describe(placed: PlaceOutcome, needed: readonly NeededRow[]): RestoreOutcome {
  if (placed.kind !== "placed") return placed;
  return {
    kind: "restored",
    paths: needed.map(({ entry }) => entry.path),
    edited: placed.edited,
  };
}
