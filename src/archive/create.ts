import { assert, unreachable } from "../base/assert.ts";
import type { Digest } from "../base/digest.ts";
import { removeAny } from "../base/file.ts";
import {
  type AbsolutePath,
  areInOrder,
  inWorkspace,
  printable,
  sortPaths,
  type WorkspacePath,
} from "../base/path.ts";
import { areMet, packRelative } from "../native/expectation.ts";
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
  const paths = areInOrder(request.paths) ? request.paths : sortPaths(new Set(request.paths));
  if (paths.length > outputsMax) return { kind: "too-many-outputs", count: paths.length };
  const surroundings = lookAbove(root, paths);
  const outputs: Output[] = [];
  const files: FileOutput[] = [];
  const places = paths.map((path) => inWorkspace(root, path));
  const seen = request.seen(places);
  for (const [row, path] of paths.entries()) {
    const at = places[row];
    const stamp = seen[row];
    assert(at !== undefined && stamp !== undefined, "each output was looked at");
    const entry = describe(surroundings, path, { at, stamp });
    if (!isEntry(entry)) return entry;
    const output = { entry, row, path: at, stamp };
    outputs.push(output);
    if (isFile(output)) files.push(output);
  }
  if (files.length === 0) return verified(root, outputs, { digests: [], archive: undefined });

  const packed = await packFiles(directory, files);
  if (packed.kind !== "packed") return describeFailure(packed, paths);
  using unfinished = packed;
  const { digests, reference } = unfinished;
  const outcome = verified(root, outputs, { digests, archive: reference });
  if (outcome.kind !== "created") return outcome;
  try {
    // Even over one that is there already: that one may be damaged, and this one is not.
    const place = archivePath(directory, reference.digest);
    if (stampKind(statBatch([place])[0] ?? missingStamp) === "directory") removeAny(place);
    unfinished.moveTo(place);
  } catch (error) {
    if (!isSystemError(error)) throw error;
    return { kind: "cache-trouble", detail: systemWords(error) };
  }
  return outcome;
}

/** Complete, but for the digest of a file. */
type OutputEntry = Exclude<ManifestEntry, FileEntry> | UndigestedFile;
type UndigestedFile = Omit<FileEntry, "digest">;

type Output = {
  readonly entry: OutputEntry;
  readonly row: number;
  readonly path: AbsolutePath;
  readonly stamp: Stamp;
};

type FileOutput = Output & { readonly entry: UndigestedFile };

function isFile(output: Output): output is FileOutput {
  return output.entry.kind === "file";
}

function isEntry(described: OutputEntry | CreateFailure): described is OutputEntry {
  const { kind } = described;
  return kind === "file" || kind === "directory" || kind === "link";
}

function describe(
  surroundings: Surroundings,
  path: WorkspacePath,
  { at, stamp }: { readonly at: AbsolutePath; readonly stamp: Stamp },
): OutputEntry | CreateFailure {
  const problem = pathProblem(path);
  if (problem !== undefined) return unsupported(path, problem);
  const obstacle = obstacleAbove(surroundings, path);
  if (obstacle !== undefined)
    return unsupported(path, `behind '${printable(obstacle)}', which is no directory`);
  const mode = stampPermissions(stamp) & permissionMask;
  const kind = stampKind(stamp);
  switch (kind) {
    case "file": {
      const size = stampSize(stamp);
      if (size > outputBytesMax) return { kind: "output-too-large", path };
      return { kind, path, size, mode };
    }
    case "directory":
      return { kind, path, mode };
    case "link": {
      const target = readLinkText(at);
      if (target === undefined) return { kind: "output-changed", path };
      const targetProblem = linkProblem(path, target);
      if (targetProblem !== undefined) return unsupported(path, targetProblem);
      return { kind, path, target };
    }
    case "other":
      return unsupported(path, "a pipe, a socket or a device");
    case "missing":
      return { kind: "output-changed", path };
    default:
      return unreachable(kind);
  }
}

function unsupported(path: WorkspacePath, what: string): CreateFailure {
  return { kind: "output-unsupported", path, what };
}

/** The outcome, once nothing turns out to have changed since the run ended. */
function verified(
  root: AbsolutePath,
  outputs: readonly Output[],
  packed: {
    readonly digests: readonly Digest[];
    readonly archive: ArchiveReference | undefined;
  },
): CreateOutcome {
  const changed = firstChanged(root, outputs);
  if (changed !== undefined) return { kind: "output-changed", path: changed };
  const manifest: ManifestEntry[] = [];
  const stamps: Stamp[] = [];
  let file = 0;
  for (const { entry, stamp } of outputs) {
    stamps.push(stamp);
    if (entry.kind !== "file") manifest.push(entry);
    else {
      const { kind, path, size, mode } = entry;
      const digest = packed.digests[file++];
      assert(digest !== undefined, "each packed file has a digest");
      manifest.push({ kind, path, size, mode, digest });
    }
  }
  return { kind: "created", manifest, archive: packed.archive, stamps };
}

/** Nearly always nothing has, and then one call says so of all that are no directories. */
function firstChanged(root: AbsolutePath, outputs: readonly Output[]): WorkspacePath | undefined {
  const exact = outputs.filter(({ entry }) => entry.kind !== "directory");
  const areSame = areMet(root, {
    count: exact.length,
    exactCount: exact.length,
    paths: packRelative(exact.map(({ entry }) => entry.path)),
    stamps: Buffer.concat(exact.map(({ stamp }) => stamp)),
  });
  const open = areSame ? outputs.filter(({ entry }) => entry.kind === "directory") : outputs;
  const now = statBatch(open.map(({ path }) => path));
  return open.find(({ stamp }, index) => !isUnchanged(stamp, now[index] ?? missingStamp))?.entry
    .path;
}

/** A directory's times tell of its entries, which other steps may add to; its own state is that it is there, and its mode. */
function isUnchanged(before: Stamp, after: Stamp): boolean {
  if (stampKind(before) !== "directory") return isSameStamp(before, after);
  return isSameInode(before, after) && stampPermissions(before) === stampPermissions(after);
}

function describeFailure(failure: PackFailure, paths: readonly WorkspacePath[]): CreateFailure {
  if (failure.kind === "trouble") return { kind: "cache-trouble", detail: failure.detail };
  const path = paths[failure.row];
  assert(path !== undefined, "a packed file has a row");
  if (failure.kind === "changed") return { kind: "output-changed", path };
  return { kind: "output-unsupported", path, what: `not readable (${failure.detail})` };
}
