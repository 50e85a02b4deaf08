import { existsSync } from "node:fs";
import { contentHash } from "../base/digest.ts";
import { readDirectory } from "../base/directory.ts";
import { errnoOf, readIfPresent } from "../base/file.ts";
import {
  type AbsolutePath,
  comparePaths,
  directoryOf,
  diskPath,
  resolvePath,
} from "../base/path.ts";

/** How many symbolic refs may lead to one another; git itself stops at 5. */
const symbolicRefsMax = 5;

/** A work tree, where git keeps what belongs to it, and what all work trees of the repository share. */
export type GitPlace = {
  readonly workTree: AbsolutePath;
  readonly directory: AbsolutePath;
  readonly common: AbsolutePath;
};

/** The repository whose work tree holds `directory`; undefined when there is none. See gitrepository-layout(5). */
export function findGit(directory: AbsolutePath): GitPlace | undefined {
  for (let at = directory; ; at = directoryOf(at)) {
    const place = readGitPlace(at);
    if (place !== undefined || at === directoryOf(at)) return place;
  }
}

/** One that cannot be read is none of ours. */
function readGitPlace(workTree: AbsolutePath): GitPlace | undefined {
  try {
    return gitAt(workTree);
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return undefined;
  }
}

function gitAt(workTree: AbsolutePath): GitPlace | undefined {
  const dotGit = resolvePath(workTree, ".git");
  const link = readIfPresent(dotGit)
    ?.toString()
    .match(/^gitdir: (.+?)\n?$/)?.[1];
  const directory = link === undefined ? dotGit : resolvePath(dotGit, "..", link);
  if (!existsSync(diskPath(resolvePath(directory, "HEAD")))) return undefined;
  const common = readIfPresent(resolvePath(directory, "commondir"))?.toString().trim();
  return {
    workTree,
    directory,
    common: common === undefined ? directory : resolvePath(directory, common),
  };
}

/** A path below `.git` that is more than bookkeeping: commits, refs, and what is staged. */
export type GitPath = {
  /** `modules/<name>`, where the repository of a submodule keeps all of its own. */
  readonly submodule: string | undefined;
  readonly name: string;
};

/** Undefined for bookkeeping. `path` is relative to `.git`. See gitrepository-layout(5). */
export function splitGitPath(path: string): GitPath | undefined {
  const [, submodule, name] =
    /^(?:(modules\/.+?)\/)?(HEAD|packed-refs|index|refs(?:\/.+)?|reftable\/.+)$/.exec(path) ?? [];
  return name === undefined ? undefined : { submodule, name };
}

/** Where a submodule keeps what is its own. */
export function submoduleOf({ common }: GitPlace, submodule: string): Omit<GitPlace, "workTree"> {
  const directory = resolvePath(common, submodule);
  return { directory, common: directory };
}

/**
 * The commit that `HEAD` names, as hexadecimal digits, behind the ref that it names, if it does; the
 * commit is "" when there is none yet. Layout of refs and packed-refs: gitrepository-layout(5), git-pack-refs(1).
 */
export function headCommit({ directory, common }: Omit<GitPlace, "workTree">): string {
  let name = "HEAD";
  let ref = "";
  for (let count = 0; count <= symbolicRefsMax; count += 1) {
    const place = name === "HEAD" ? directory : common;
    const text = readIfPresent(resolvePath(place, name))?.toString().trim();
    const next = text?.match(/^ref: (refs\/.+)$/)?.[1];
    if (next === undefined) return ref + (text ?? packedRef(common, name));
    name = next;
    ref = `${name} `;
  }
  return ref;
}

function packedRef(common: AbsolutePath, name: string): string {
  return packedRefs(common).get(name) ?? "";
}

function packedRefs(common: AbsolutePath): Map<string, string> {
  const lines = readIfPresent(resolvePath(common, "packed-refs"))?.toString().split("\n") ?? [];
  return new Map(
    lines.flatMap((line) => {
      const [, object, name] = /^([0-9a-f]+) (refs\/.+)$/.exec(line) ?? [];
      return object === undefined || name === undefined ? [] : [[name, object] as const];
    }),
  );
}

/**
 * What the ref `name` stands for; of a directory of refs, such as `refs/tags`, what is directly in it.
 * "" when there is nothing. Whether git keeps a ref packed makes no difference.
 */
export function refsState(common: AbsolutePath, name: string): string {
  const prefix = `${name}/`;
  const packed = [...packedRefs(common)];
  const entries = readDirectory(resolvePath(common, name));
  if (entries === undefined) {
    const value = looseRef(common, name) ?? packedRef(common, name);
    return joinRefs(new Map([[name, value], ...packed.filter(([ref]) => ref.startsWith(prefix))]));
  }
  const directories = entries.flatMap(([entry, kind]) => (kind === "directory" ? [entry] : []));
  // Who wants to know what is in a directory below this one lists that, too, if it is there.
  const isOfAnother = (ref: string): boolean =>
    directories.some((directory) => ref.startsWith(`${prefix}${directory}/`));
  const loose = entries.flatMap(([entry, kind]) => {
    const value = kind === "directory" ? "directory" : looseRef(common, prefix + entry);
    return value === undefined ? [] : [[prefix + entry, value] as const];
  });
  const unlisted = packed.filter(([ref]) => ref.startsWith(prefix) && !isOfAnother(ref));
  return joinRefs(new Map([...unlisted, ...loose]));
}

function looseRef(common: AbsolutePath, name: string): string | undefined {
  if (name.endsWith(".lock")) return undefined; // One that git is about to write; no ref is called so.
  return readIfPresent(resolvePath(common, name))?.toString().trim();
}

/** A single one as it is, for people; of more a hash. */
function joinRefs(refs: ReadonlyMap<string, string>): string {
  const [only] = refs.values();
  if (refs.size < 2) return only ?? "";
  const lines = [...refs].sort(([a], [b]) => comparePaths(a, b)).map((ref) => ref.join(" "));
  return contentHash(Buffer.from(lines.join("\n"))).toString(16);
}

const headerBytes = 12;
const entryBytes = 62;
/** Where mode, object id and flags stand in an entry; what comes before are times and numbers of the file. */
const modeOffset = 24;
const objectOffset = 40;
const flagsOffset = 60;
const extendedFlag = 0x4000;

/**
 * One hash for the entries of an index: path, mode, object and stage of each, without what it
 * remembers of the files' times. Undefined when the format is none that we know (gitformat-index(5),
 * versions 2 to 4 with SHA-1).
 */
export function indexHash(index: Uint8Array): bigint | undefined {
  const bytes = Buffer.from(index.buffer, index.byteOffset, index.length);
  if (bytes.length < headerBytes || bytes.toString("latin1", 0, 4) !== "DIRC") return undefined;
  const version = bytes.readUInt32BE(4);
  if (version < 2 || version > 4) return undefined;
  let hash = 0n;
  let at = headerBytes;
  for (let left = bytes.readUInt32BE(8); left > 0; left -= 1) {
    const end = entryEnd(bytes, at, version);
    if (end === undefined) return undefined;
    hash = contentHash(bytes.subarray(at + modeOffset, at + modeOffset + 4), hash);
    // The object, the flags, and the path: in version 4 what it does not share with the one before.
    hash = contentHash(bytes.subarray(at + objectOffset, end), hash);
    at = end;
  }
  return hash;
}

/** Undefined when the entry does not fit into the file. */
function entryEnd(bytes: Buffer, at: number, version: number): number | undefined {
  if (at + entryBytes > bytes.length) return undefined;
  const flags = bytes.readUInt16BE(at + flagsOffset);
  const pathStart = at + entryBytes + ((flags & extendedFlag) !== 0 ? 2 : 0);
  const nul = bytes.indexOf(0, pathStart);
  if (nul === -1) return undefined;
  if (version === 4) return nul + 1;
  // Padded with one to eight NULs to a multiple of eight.
  return at + Math.floor((nul - at + 8) / 8) * 8;
}
