import type { Digest } from "../base/digest.ts";
import { type AbsolutePath, resolvePath, type WorkspacePath } from "../base/path.ts";
import { countHeaders, didWriteHeaders, type TarEntry } from "../native/tar.ts";
import type { DirectoryEntry, FileEntry, Manifest } from "./manifest.ts";

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

/** Tar is made of blocks of this size. */
export const blockBytes = 512;

/** Two blocks of zeros end a tar archive. */
export const endBytes = 2 * blockBytes;

/** The header of an empty file in row 0, but for what differs between files. */
const template = Buffer.alloc(blockBytes);
template.write("000644 \x00000000 \x00000000 ", 100); // Mode, owner, group.
template.write("00000000000 ", 136); // Time.
template.write("0", 156); // Type: a file.
template.write("ustar\x0000", 257);
template.write("000000 \x00000000 ", 329); // Numbers of a device.

const field = { name: 0, size: 124, sum: 148 } as const;

/** The checksum counts its own field as spaces. */
const templateSum = template.reduce((sum, byte) => sum + byte, 8 * 0x20);

/** Writes the header of the file in row `row` to `at`. */
export function writeHeader(into: Buffer, at: number, file: { row: number; size: number }): void {
  template.copy(into, at);
  const name = String(file.row);
  const size = `${file.size.toString(8).padStart(11, "0")} `;
  const sum = templateSum + sumOf(name) + sumOf(size);
  into.write(name, at + field.name, "latin1");
  into.write(size, at + field.size, "latin1");
  into.write(`${sum.toString(8).padStart(6, "0")} `, at + field.sum, "latin1");
}

function sumOf(text: string): number {
  let sum = 0;
  for (let index = 0; index < text.length; index++) sum += text.charCodeAt(index);
  return sum;
}

/** Puts their headers before contents that lie whole in `bytes`, and behind each zeros up to a whole block. */
export function writeHeaders(entries: readonly TarEntry[], bytes: Buffer): void {
  if (didWriteHeaders(entries, bytes, template)) return;
  for (const { row, start, entry } of entries) {
    const end = start + entry.size;
    writeHeader(bytes, start - blockBytes, { row, size: entry.size });
    bytes.fill(0, end, end + paddingOf(entry.size));
  }
}

const expectedHeader = Buffer.alloc(blockBytes);

/** Whether the block at `at` is the header of the file in row `row`, to the byte. */
function isHeaderOf(bytes: Buffer, at: number, file: { row: number; size: number }): boolean {
  writeHeader(expectedHeader, 0, file);
  return expectedHeader.compare(bytes, at, at + blockBytes) === 0;
}

/** Of entries that lie whole in `bytes`, the first that has another header than it should have. */
export function wrongHeader<Entry extends TarEntry>(
  entries: readonly Entry[],
  bytes: Buffer,
): Entry | undefined {
  const count = countHeaders(entries, bytes, template);
  if (count !== undefined) return entries[count];
  return entries.find(
    ({ row, start, entry }) => !isHeaderOf(bytes, start - blockBytes, { row, size: entry.size }),
  );
}

/** Bytes that a file of `size` bytes takes up: a header, and the content filled up to whole blocks. */
export function entryBytes(size: number): number {
  return blockBytes + size + paddingOf(size);
}

/** Zeros behind a content of `size` bytes. */
export function paddingOf(size: number): number {
  return (blockBytes - (size % blockBytes)) % blockBytes;
}

/** A file of a manifest, and its row number there. */
export type FileRow = { readonly row: number; readonly entry: FileEntry };

/** The files of `manifest`. */
export function fileRows(manifest: Manifest): FileRow[] {
  const rows: FileRow[] = [];
  for (const [row, entry] of manifest.entries())
    if (entry.kind === "file") rows.push({ row, entry });
  return rows;
}

/** The directories of `manifest`, by path. */
export function directoryRows(manifest: Manifest): Map<WorkspacePath, DirectoryEntry> {
  const rows = new Map<WorkspacePath, DirectoryEntry>();
  for (const entry of manifest) if (entry.kind === "directory") rows.set(entry.path, entry);
  return rows;
}

/** Bytes of a tar with files of these sizes. */
export function tarBytes(sizes: readonly number[]): number {
  return sizes.reduce((sum, size) => sum + entryBytes(size), endBytes);
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
