import { closeSync, fsync, openSync, renameSync, writeSync } from "node:fs";
import { type Digest, DigestStream, digestOf } from "../base/digest.ts";
import { isMissing, removeIfPresent } from "../base/file.ts";
import { type AbsolutePath, diskPath } from "../base/path.ts";
import { readFiles } from "../native/files.ts";
import { isSameStamp, type Stamp } from "../native/stamp.ts";
import {
  blockBytes,
  endBytes,
  entryBytes,
  paddingOf,
  tarBytes,
  temporaryPath,
  writeHeader,
  writeHeaders,
} from "./format.ts";
import { groupsOf } from "./groups.ts";
import type { ArchiveReference } from "./manifest.ts";
import { openFile, pieceBytes, piecesOf } from "./read-file.ts";
import { isSystemError, systemWords } from "./system-error.ts";

/** A file to put away, and what stood there when the outputs were looked at. */
export type PackFile = {
  readonly row: number;
  readonly path: AbsolutePath;
  readonly stamp: Stamp;
  readonly entry: { readonly size: number };
};

/** A tar up to this size is made and compressed whole, which takes two thirds of the time that a stream of pieces does. */
const wholeBytes = 32 * pieceBytes;

/** An archive under a temporary name. Disposing removes that name, unless it has been moved. */
export type PackedFiles = {
  readonly kind: "packed";
  readonly reference: ArchiveReference;
  /** Of each file's content, in the order of the files. */
  readonly digests: readonly Digest[];
  /** Gives it another name, over whatever has that. Throws system errors. */
  readonly moveTo: (place: AbsolutePath) => void;
  [Symbol.dispose](): void;
};

export type PackFailure =
  /** The file is not what its stamp says, or no longer. */
  | { readonly kind: "changed"; readonly row: number }
  | { readonly kind: "unreadable"; readonly row: number; readonly detail: string }
  /** The archive could not be written. */
  | { readonly kind: "trouble"; readonly detail: string };

/**
 * Writes the contents of `files` into a new archive in `directory` and syncs it. Memory is bounded,
 * whatever the sizes. After a failure nothing is left behind.
 */
export async function packFiles(
  directory: AbsolutePath,
  files: readonly PackFile[],
): Promise<PackedFiles | PackFailure> {
  const path = temporaryPath(directory);
  const digests: Digest[] = [];
  const size = tarBytes(files.map(({ entry }) => entry.size));
  try {
    const reference =
      size <= wholeBytes
        ? await writeAtOnce(tarOfGroup(files, digests, endBytes), path)
        : await writeInPieces(tarOf(files, digests), path);
    let isMoved = false;
    const moveTo = (place: AbsolutePath): void => {
      renameSync(diskPath(path), diskPath(place));
      isMoved = true;
    };
    const dispose = (): void => {
      if (!isMoved) removeIfPresent(path);
    };
    return { kind: "packed", reference, digests, moveTo, [Symbol.dispose]: dispose };
  } catch (error) {
    removeIfPresent(path);
    if (error instanceof FileRefused) return error.failure;
    if (isSystemError(error)) return { kind: "trouble", detail: systemWords(error) };
    throw error;
  }
}

/** Thrown where the files are read, so that it is never taken for trouble with the archive. */
class FileRefused extends Error {
  readonly failure: PackFailure;

  constructor(failure: PackFailure, options?: ErrorOptions) {
    super(`file refused: ${failure.kind}`, options);
    this.failure = failure;
  }
}

/** A tar of the files in pieces, adding to `digests` as it goes. */
async function* tarOf(
  files: readonly PackFile[],
  digests: Digest[],
): AsyncGenerator<Buffer, void, undefined> {
  for (const group of groupsOf(files, ({ entry }) => entryBytes(entry.size), pieceBytes)) {
    const [first] = group;
    if (first !== undefined && first.entry.size > pieceBytes) yield* tarOfLarge(first, digests);
    else yield tarOfGroup(group, digests, 0);
  }
  yield Buffer.alloc(endBytes);
}

/** With so many bytes of zeros behind it. */
function tarOfGroup(group: readonly PackFile[], digests: Digest[], zeros: number): Buffer {
  let length = 0;
  const entries = group.map(({ row, path, stamp, entry }) => {
    const start = length + blockBytes;
    length += entryBytes(entry.size);
    return { row, path, stamp, entry, size: entry.size, start };
  });
  const tar = Buffer.allocUnsafe(length + zeros).fill(0, length);
  const trouble = readFiles(entries, tar);
  if (trouble !== undefined) throw refusal(trouble.file, trouble.error);
  writeHeaders(entries, tar);
  for (const { size, start } of entries) digests.push(digestOf(tar.subarray(start, start + size)));
  return tar;
}

async function* tarOfLarge(
  { row, path, stamp, entry }: PackFile,
  digests: Digest[],
): AsyncGenerator<Buffer, void, undefined> {
  const header = Buffer.alloc(blockBytes);
  writeHeader(header, 0, { row, size: entry.size });
  yield header;
  const digest = new DigestStream();
  let size = 0;
  try {
    using file = openFile(path);
    if (!isSameStamp(file.stamp, stamp)) throw new FileRefused({ kind: "changed", row });
    for await (const piece of piecesOf(file)) {
      digest.update(piece);
      size += piece.length;
      yield piece;
    }
    if (size !== file.size) throw new FileRefused({ kind: "changed", row });
  } catch (error) {
    throw refusal({ row }, error);
  }
  digests.push(digest.finish());
  yield Buffer.alloc(paddingOf(size));
}

/** `error` is what was met with; undefined where a file was only not what it should be. */
function refusal({ row }: Pick<PackFile, "row">, error: unknown): unknown {
  if (error === undefined) return new FileRefused({ kind: "changed", row });
  if (!isSystemError(error)) return error;
  const isGone = isMissing(error) || error.code === "ELOOP";
  return new FileRefused(
    isGone ? { kind: "changed", row } : { kind: "unreadable", row, detail: systemWords(error) },
    { cause: error },
  );
}

/** Compresses a tar into a new file; the disk is waited for elsewhere. Throws system errors. */
async function writeAtOnce(tar: Buffer, path: AbsolutePath): Promise<ArchiveReference> {
  const frame = await compress(tar);
  const digest = new DigestStream();
  let size = 0;
  const fd = openSync(diskPath(path), "wx", 0o600);
  try {
    for (const part of frame) {
      digest.update(part);
      size += part.length;
      for (let at = 0; at < part.length; ) at += writeSync(fd, part, at);
    }
    await new Promise<void>((resolve, reject) => {
      fsync(fd, (error) => (error ? reject(error) : resolve()));
    });
  } finally {
    closeSync(fd);
  }
  return { digest: digest.finish(), size };
}

/** Of a zstd frame: where its flags are, and the one that says that a checksum ends it. */
const flagsAt = 4;
const checksumFlag = 4;
const checksumBytes = 4;

/**
 * One zstd frame, in two parts. Bun makes one without a checksum for half of what one costs with it, by a stream
 * of `node:zlib`.
 */
async function compress(content: Uint8Array): Promise<readonly Buffer[]> {
  const bare = await compressBare(content);
  bare.writeUInt8(bare.readUInt8(flagsAt) | checksumFlag, flagsAt);
  const checksum = Buffer.allocUnsafe(checksumBytes);
  checksum.writeUInt32LE(Number(Bun.hash.xxHash64(content) & 0xffffffffn), 0);
  return [bare, checksum];
}

/** A piece is compressed before another thread could be set to it. */
async function compressBare(content: Uint8Array): Promise<Buffer> {
  const options = { level: 1 } as const;
  if (content.length <= pieceBytes) return Bun.zstdCompressSync(content, options);
  return await Bun.zstdCompress(content, options);
}

/** Compresses a tar into a new file, piece by piece. Throws system errors, and what `tar` throws. */
async function writeInPieces(
  tar: AsyncIterable<Buffer>,
  path: AbsolutePath,
): Promise<ArchiveReference> {
  const [{ open }, { constants, createZstdCompress }, { pipeline }] = await Promise.all([
    import("node:fs/promises"),
    import("node:zlib"),
    import("node:stream/promises"),
  ]);
  await using file = await open(diskPath(path), "wx", 0o600);
  const { ZSTD_c_compressionLevel, ZSTD_c_checksumFlag } = constants;
  const compressor = createZstdCompress({
    chunkSize: pieceBytes,
    params: { [ZSTD_c_compressionLevel]: 1, [ZSTD_c_checksumFlag]: 1 },
  });
  const digest = new DigestStream();
  let size = 0;
  await pipeline(tar, compressor, async (compressed: AsyncIterable<Buffer>) => {
    for await (const piece of compressed) {
      digest.update(piece);
      size += piece.length;
      await file.writeFile(piece);
    }
  });
  await file.sync();
  return { digest: digest.finish(), size };
}
