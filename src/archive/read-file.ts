import { closeSync, constants, fstatSync, openSync, readlinkSync, readSync } from "node:fs";
import { type Digest, DigestStream, digestOf } from "../base/digest.ts";
import { type AbsolutePath, diskPath } from "../base/path.ts";
import { decodePath } from "../base/path-bytes.ts";
import { readFiles } from "../native/files.ts";
import { type Stamp, stampSize } from "../native/stamp.ts";
import { stampOf } from "../native/stat-one.ts";
import { groupsOf } from "./groups.ts";
import { isSystemError } from "./system-error.ts";

const MiB = 1024 ** 2;

/** Files are read, hashed and compressed in pieces of this size, so a large one costs no more memory than a small one. */
export const pieceBytes = MiB;

/** After so many pieces in a row the rest of vt gets its turn. */
const piecesPerTurn = 32;

/** A file that is open for reading. */
export type OpenFile = {
  readonly fd: number;
  /** What the open file is, which need not be what stands at its path by now. */
  readonly stamp: Stamp;
  readonly size: number;
  [Symbol.dispose](): void;
};

/** Opens `path` for reading, never through a link at its end and never waiting on a pipe. Throws system errors. */
export function openFile(path: AbsolutePath): OpenFile {
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const fd = openSync(diskPath(path), flags);
  const stats = fstatSync(fd, { bigint: true });
  return {
    fd,
    stamp: stampOf(stats),
    size: Number(stats.size),
    [Symbol.dispose]: () => closeSync(fd),
  };
}

/**
 * Content from the start, in pieces of `pieceBytes`, the last one shorter. Each is a buffer of its own.
 * Ends after `file.size` bytes, or earlier when the file has shrunk. Throws system errors.
 */
export async function* piecesOf(file: OpenFile): AsyncGenerator<Buffer, void, undefined> {
  let position = 0;
  for (let count = 1; position < file.size; count++) {
    const piece = readPiece(file, position);
    if (piece.length === 0) return;
    position += piece.length;
    yield piece;
    if (count % piecesPerTurn === 0) await Bun.sleep(0);
  }
}

/** All of the content of a file that is no larger than a piece; less when it has shrunk. Throws system errors. */
export function readWhole(file: OpenFile): Buffer {
  return readPiece(file, 0);
}

/** Digest of a file's content; undefined when it cannot be read. */
export async function digestFile(path: AbsolutePath): Promise<Digest | undefined> {
  try {
    using file = openFile(path);
    return await digestOpenFile(file);
  } catch (error) {
    if (isSystemError(error)) return undefined;
    throw error;
  }
}

/** A file, and what stands there. */
export type StampedFile = { readonly path: AbsolutePath; readonly stamp: Stamp };

/** Digests of the contents of many files, in their order; undefined for one that cannot be read. */
export async function digestFiles(files: readonly StampedFile[]): Promise<(Digest | undefined)[]> {
  const digests: (Digest | undefined)[] = [];
  const total = files.reduce((sum, { stamp }) => sum + stampSize(stamp), 0);
  const bytes = Buffer.allocUnsafe(Math.min(total, pieceBytes));
  for (const group of groupsOf(files, ({ stamp }) => stampSize(stamp), pieceBytes)) {
    digests.push(...(digestGroup(group, bytes) ?? (await Promise.all(group.map(digestStamped)))));
    await Bun.sleep(0);
  }
  return digests;
}

/** Undefined where one does not fit into `bytes`, has changed, or cannot be read. */
function digestGroup(group: readonly StampedFile[], bytes: Buffer): Digest[] | undefined {
  let start = 0;
  const wanted = group.map(({ path, stamp }) => {
    const size = stampSize(stamp);
    start += size;
    return { path, stamp, size, start: start - size };
  });
  if (start > bytes.length || readFiles(wanted, bytes) !== undefined) return undefined;
  return wanted.map((file) => digestOf(bytes.subarray(file.start, file.start + file.size)));
}

function digestStamped({ path }: StampedFile): Promise<Digest | undefined> {
  return digestFile(path);
}

/** The same without letting the rest of vt have its turn: for what has to be answered at once. */
export function digestFileNow(path: AbsolutePath): Digest | undefined {
  try {
    using file = openFile(path);
    const digest = new DigestStream();
    for (let position = 0; position < file.size; ) {
      const piece = readPiece(file, position);
      if (piece.length === 0) break;
      digest.update(piece);
      position += piece.length;
    }
    return digest.finish();
  } catch (error) {
    if (isSystemError(error)) return undefined;
    throw error;
  }
}

/** Text of a link; undefined when it is none or cannot be read. */
export function readLinkText(path: AbsolutePath): string | undefined {
  try {
    return decodePath(readlinkSync(diskPath(path), { encoding: "buffer" }));
  } catch (error) {
    if (isSystemError(error)) return undefined;
    throw error;
  }
}

/** Throws system errors. */
export async function digestOpenFile(file: OpenFile): Promise<Digest> {
  const digest = new DigestStream();
  for await (const piece of piecesOf(file)) digest.update(piece);
  return digest.finish();
}

/** A read may return less than was asked for long before the end. */
function readPiece(file: OpenFile, position: number): Buffer {
  const piece = Buffer.allocUnsafe(Math.min(pieceBytes, file.size - position));
  let length = 0;
  while (length < piece.length) {
    const count = readSync(file.fd, piece, length, piece.length - length, position + length);
    if (count === 0) break;
    length += count;
  }
  return piece.subarray(0, length);
}
