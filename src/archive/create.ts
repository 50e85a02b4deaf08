import { renameSync } from "node:fs";
import { assert, unreachable } from "../base/assert.ts";
import type { Digest } from "../base/digest.ts";
import { removeAny } from "../base/file.ts";
import {
  type AbsolutePath,
  diskPath,
  inWorkspace,
  printable,
  sortPaths,
  type WorkspacePath,
} from "../base/path.ts";
import {
  isSameInode,
  isSameStamp,
  missingStamp,
  type Stamp,
  stampKind,
  stampPermissions,
  stampSize,
} from "../native/stamp.ts";
import { statBatch } from "../native/stat.ts";
import { archivePath } from "./format.ts";
import { lookAbove, obstacleAbove, type Surroundings } from "./look.ts";
import type { ArchiveReference, FileEntry, Manifest, ManifestEntry } from "./manifest.ts";
import { type PackFailure, packFiles } from "./pack.ts";
import { readLinkText } from "./read-file.ts";
import { linkProblem, outputBytesMax, outputsMax, pathProblem, permissionMask } from "./rules.ts";
import { isSystemError, systemWords } from "./system-error.ts";

export type CreateRequest = {
  readonly root: AbsolutePath;
  /** Every output, in any order, by its real path: none lies behind a link. */
  readonly paths: readonly WorkspacePath[];
  /** What stood at each path when the run had ended. What is put away must be the same. */
  readonly seen: (paths: readonly AbsolutePath[]) => readonly Stamp[];
  /** Where archives lie. Must exist. */
  readonly directory: AbsolutePath;
};

export type CreateOutcome =
  | {
      readonly kind: "created";
      readonly manifest: Manifest;
      /** Undefined when no output is a file. */
      readonly archive: ArchiveReference | undefined;
      /** What stood at each path of the manifest, in its order, from the end of the run until after the contents were read. */
      readonly stamps: readonly Stamp[];
    }
  | CreateFailure;

/** Why these outputs are not kept: some of the reasons why a run is not stored. */
type CreateFailure =
  /** `what` follows "it is". */
  | { readonly kind: "output-unsupported"; readonly path: WorkspacePath; readonly what: string }
  | { readonly kind: "output-changed"; readonly path: WorkspacePath }
  | { readonly kind: "output-too-large"; readonly path: WorkspacePath }
  | { readonly kind: "too-many-outputs"; readonly count: number }
  | { readonly kind: "cache-trouble"; readonly detail: string };

/**
 * Describes the outputs, and puts the contents of the files into an archive that is named by its
 * digest: whole and synced before it has that name, the same one for equal contents. A failure leaves
 * nothing behind.
 */
export async function createArchive(request: CreateRequest): Promise<CreateOutcome> {
  const { root, directory } = request;
  const paths = sortPaths(new Set(request.paths));
  if (paths.length > outputsMax) return { kind: "too-many-outputs", count: paths.length };
  const surroundings = lookAbove(root, paths);
  const outputs: Output[] = [];
  const places = paths.map((path) => inWorkspace(root, path));
  const seen = request.seen(places);
  for (const [row, path] of paths.entries()) {
    const [at, stamp] = [places[row], seen[row]];
    assert(at !== undefined && stamp !== undefined, "each output was looked at");
    const output = readOutput(surroundings, path, { row, path: at, stamp });
    if (!("entry" in output)) return output;
    outputs.push(output);
  }
  const files = outputs.filter((output) => output.entry.kind === "file");
  if (files.length === 0) return verified(outputs, { digests: [], archive: undefined });

  const packed = await packFiles(directory, files);
  if (packed.kind !== "packed") return describeFailure(packed, paths);
  using unfinished = packed;
  const { digests, reference } = unfinished;
  const outcome = verified(outputs, { digests, archive: reference });
  if (outcome.kind !== "created") return outcome;
  try {
    // Even over one that is there already: that one may be damaged, and this one is not.
    const place = archivePath(directory, reference.digest);
    if (stampKind(statBatch([place])[0] ?? missingStamp) === "directory") removeAny(place);
    renameSync(diskPath(unfinished.path), diskPath(place));
  } catch (error) {
    if (!isSystemError(error)) throw error;
    return { kind: "cache-trouble", detail: systemWords(error) };
  }
  return outcome;
}

type Output = {
  /** Complete, but for the digest of a file. */
  readonly entry: Exclude<ManifestEntry, FileEntry> | Omit<FileEntry, "digest">;
  readonly row: number;
  readonly path: AbsolutePath;
  readonly stamp: Stamp;
};

function readOutput(
  surroundings: Surroundings,
  path: WorkspacePath,
  { row, path: at, stamp }: Omit<Output, "entry">,
): Output | CreateFailure {
  const unsupported = (what: string) => ({ kind: "output-unsupported", path, what }) as const;
  const problem = pathProblem(path);
  if (problem !== undefined) return unsupported(problem);
  const obstacle = obstacleAbove(surroundings, path);
  if (obstacle !== undefined)
    return unsupported(`behind '${printable(obstacle)}', which is no directory`);
  const mode = stampPermissions(stamp) & permissionMask;
  const kind = stampKind(stamp);
  switch (kind) {
    case "file": {
      const size = stampSize(stamp);
      if (size > outputBytesMax) return { kind: "output-too-large", path };
      return { entry: { kind, path, size, mode }, row, path: at, stamp };
    }
    case "directory":
      return { entry: { kind, path, mode }, row, path: at, stamp };
    case "link": {
      const target = readLinkText(at);
      if (target === undefined) return { kind: "output-changed", path };
      const targetProblem = linkProblem(path, target);
      if (targetProblem !== undefined) return unsupported(targetProblem);
      return { entry: { kind, path, target }, row, path: at, stamp };
    }
    case "other":
      return unsupported("a pipe, a socket or a device");
    case "missing":
      return { kind: "output-changed", path };
    default:
      return unreachable(kind);
  }
}

/** The outcome, once nothing turns out to have changed since the run ended. */
function verified(
  outputs: readonly Output[],
  packed: {
    readonly digests: readonly Digest[];
    readonly archive: ArchiveReference | undefined;
  },
): CreateOutcome {
  const after = statBatch(outputs.map((output) => output.path));
  const digests = packed.digests.values();
  const manifest: ManifestEntry[] = [];
  for (const [index, { entry, stamp }] of outputs.entries()) {
    const now = after[index];
    if (now === undefined || !isUnchanged(stamp, now)) {
      return { kind: "output-changed", path: entry.path };
    }
    manifest.push(entry.kind === "file" ? fileEntry(entry, nextOf(digests)) : entry);
  }
  const stamps = outputs.map((output) => output.stamp);
  return { kind: "created", manifest, archive: packed.archive, stamps };
}

function fileEntry(
  { kind, path, size, mode }: Omit<FileEntry, "digest">,
  digest: Digest,
): FileEntry {
  return { kind, path, size, mode, digest };
}

/** A directory's times tell of its entries, which other steps may add to; its own state is that it is there, and its mode. */
function isUnchanged(before: Stamp, after: Stamp): boolean {
  if (stampKind(before) !== "directory") return isSameStamp(before, after);
  return isSameInode(before, after) && stampPermissions(before) === stampPermissions(after);
}

function nextOf(digests: Iterator<Digest>): Digest {
  const next = digests.next();
  assert(next.done !== true, "each packed file has a digest");
  return next.value;
}

function describeFailure(failure: PackFailure, paths: readonly WorkspacePath[]): CreateFailure {
  if (failure.kind === "trouble") return { kind: "cache-trouble", detail: failure.detail };
  const path = paths[failure.row];
  assert(path !== undefined, "a packed file has a row");
  if (failure.kind === "changed") return { kind: "output-changed", path };
  return { kind: "output-unsupported", path, what: `not readable (${failure.detail})` };
}
