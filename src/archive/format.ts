import type { Digest } from "../base/digest.ts";
import { type AbsolutePath, resolvePath } from "../base/path.ts";
import type { FileEntry, Manifest } from "./manifest.ts";

/*
 * An archive is one zstd frame with checksum around one ustar archive, in `<sha256>.tar.zst`. It holds
 * the contents of the manifest's files, in the manifest's order, and nothing else: directories and
 * links live in the manifest alone, and so do modes.
 *
 * An entry is named by the row number of its file, decimal, from 0. Tar has room for text of limited
 * length, and escapes for the rest that readers disagree on; paths are bytes of any length. A number
 * needs no escape, cannot lead anywhere, and must be the expected one. Owner, mode and time are the
 * same for every entry, so equal contents give equal bytes, and every header is exactly one block:
 * the decoded size is known beforehand.
 */

const blockBytes = 512;

/** Two blocks of zeros end a tar archive. */
const endBytes = 2 * blockBytes;

/** The header of the file in row `row`; tar-stream fills in the rest with constants. */
export function entryHeader(row: number, size: number) {
  return { name: String(row), size, type: "file", mode: 0o644, mtime: new Date(0) } as const;
}

/** Bytes that a file of `size` bytes takes up: a header, and the content filled up to whole blocks. */
export function entryBytes(size: number): number {
  return blockBytes + Math.ceil(size / blockBytes) * blockBytes;
}

/** Bytes of the archive of `manifest`, decoded. */
export function decodedBytes(manifest: Manifest): number {
  return fileRows(manifest).reduce((sum, { entry }) => sum + entryBytes(entry.size), endBytes);
}

/** The files of `manifest` with their row numbers. */
export function fileRows(
  manifest: Manifest,
): { readonly row: number; readonly entry: FileEntry }[] {
  return manifest.flatMap((entry, row) => (entry.kind === "file" ? [{ row, entry }] : []));
}

/** Where the archive with this digest lies in the directory of archives. */
export function archivePath(directory: AbsolutePath, digest: Digest): AbsolutePath {
  return resolvePath(directory, `${digest}.tar.zst`);
}

/** Unfinished archives and staging directories begin with this. Whoever finds an old one may remove it. */
export const temporaryPrefix = "unfinished-";

/** A new name that nobody else uses. */
export function temporaryPath(directory: AbsolutePath): AbsolutePath {
  return resolvePath(directory, temporaryPrefix + crypto.randomUUID());
}

/** zstd's window, as a power of two. Level 1 needs 2^19; a frame that asks for more than this is not ours. */
export const windowLogMax = 23;
