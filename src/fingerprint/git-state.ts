import { contentHash } from "../base/digest.ts";
import { readIfPresent } from "../base/file.ts";
import { type AbsolutePath, resolvePath } from "../base/path.ts";

/** How many symbolic refs may lead to one another; git itself stops at 5. */
const symbolicRefsMax = 5;

/**
 * The commit that `HEAD` names, as hexadecimal digits; "" when there is none yet. `gitDirectory` is
 * the `.git` of a work tree. Layout of refs and packed-refs: gitrepository-layout(5), git-pack-refs(1).
 */
export function headCommit(gitDirectory: AbsolutePath): string {
  let name = "HEAD";
  for (let count = 0; count <= symbolicRefsMax; count += 1) {
    const text = readIfPresent(resolvePath(gitDirectory, name))?.toString().trim();
    const next = text?.match(/^ref: (refs\/.+)$/)?.[1];
    if (next === undefined) return text ?? packedRef(gitDirectory, name);
    name = next;
  }
  return "";
}

function packedRef(gitDirectory: AbsolutePath, name: string): string {
  const lines =
    readIfPresent(resolvePath(gitDirectory, "packed-refs"))?.toString().split("\n") ?? [];
  return lines.find((line) => line.endsWith(` ${name}`))?.split(" ")[0] ?? "";
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
