import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  openSync,
  readSync,
  writeSync,
} from "node:fs";
import { type AbsolutePath, diskPath, resolvePath } from "../base/path.ts";
import { encodePath } from "../base/path-bytes.ts";
import { nativeLibrary } from "./library.ts";
import { isSameStamp, type Stamp } from "./stamp.ts";
import { stampOf } from "./stat-one.ts";
import { nativeText } from "./text.ts";

/** A small file to be made: its content is a part of bytes that many files share. */
export type NewFile = {
  /** In the directory of all of them. */
  readonly name: string;
  /** Permission bits; the umask takes none away. */
  readonly mode: number;
  /** Where its content begins. */
  readonly start: number;
  readonly size: number;
};

/**
 * Makes files in one directory with their contents and modes. Throws system errors, also where
 * something stands in the place of one; then others of them may be there.
 */
export function makeFiles(
  directory: AbsolutePath,
  files: readonly NewFile[],
  bytes: Uint8Array,
): void {
  const library = nativeLibrary();
  const { names, rows } = packFiles(
    files.map(({ name }) => name),
    files,
  );
  if (typeof library !== "string") {
    const path = nativeText(directory);
    const made = library.files().vt_make_files(path, names, rows, files.length, bytes);
    if (made === files.length) return;
  }
  // One at a time, so that it can be said what is wrong.
  for (const [index, file] of files.entries()) {
    if (!isDone(rows, index)) makeFile(directory, file, bytes);
  }
}

/** A small file to be read to its place in bytes that many files share. */
export type WantedFile = {
  readonly path: AbsolutePath;
  /** What is to stand there. */
  readonly stamp: Stamp;
  readonly start: number;
  readonly size: number;
};

/** A file that was not read, and the system error that it met with, if there was one. */
export type ReadTrouble<File> = { readonly file: File; readonly error?: unknown };

/**
 * Reads whole files into `bytes`, none through a link at its end. Gives the first that is not what its
 * stamp says, or cannot be read.
 */
export function readFiles<File extends WantedFile>(
  files: readonly File[],
  bytes: Uint8Array,
): ReadTrouble<File> | undefined {
  const library = nativeLibrary();
  const paths = files.map(({ path }) => path);
  const { names, rows } = packFiles(paths, files);
  if (typeof library !== "string") {
    const stamps = Buffer.concat(files.map(({ stamp }) => stamp));
    const read = library.files().vt_read_files(names, rows, files.length, bytes, stamps);
    if (read === files.length) return undefined;
  }
  for (const [index, file] of files.entries()) {
    if (isDone(rows, index)) continue;
    try {
      if (!didRead(file, bytes)) return { file };
    } catch (error) {
      return { file, error };
    }
  }
  return undefined;
}

/**
 * Moves a directory to where nothing stands. False where that cannot be done, for whatever reason, or
 * where a directory that is made in `parent` would inherit from it: then nothing has been moved.
 */
export function didMoveDirectory(from: AbsolutePath, parent: AbsolutePath, name: string): boolean {
  const library = nativeLibrary();
  if (typeof library === "string") return false;
  const [source, target] = [nativeText(from), nativeText(parent)];
  return library.files().vt_move_directory(source, target, nativeText(name)) === 0;
}

/** `struct file` of native/files.c, in numbers of four bytes. */
const rowLength = 5;
const doneAt = 4;

type Row = Pick<NewFile, "start" | "size"> & { readonly mode?: number };

function packFiles(
  texts: readonly string[],
  files: readonly Row[],
): { readonly names: Uint8Array; readonly rows: Uint32Array } {
  const names = encodePath(`${texts.join("\0")}\0`);
  const rows = new Uint32Array(files.length * rowLength);
  let at = 0;
  for (const { mode = 0, start, size } of files) {
    rows[at + 1] = mode;
    rows[at + 2] = start;
    rows[at + 3] = size;
    at += rowLength;
  }
  return { names, rows };
}

function isDone(rows: Uint32Array, index: number): boolean {
  return rows[index * rowLength + doneAt] === 1;
}

function makeFile(
  directory: AbsolutePath,
  { name, mode, start, size }: NewFile,
  bytes: Uint8Array,
): void {
  const fd = openSync(diskPath(resolvePath(directory, name)), "wx", 0o600);
  try {
    const end = start + size;
    for (let at = start; at < end; ) at += writeSync(fd, bytes, at, end - at);
    fchmodSync(fd, mode);
  } finally {
    closeSync(fd);
  }
}

function didRead({ path, stamp, start, size }: WantedFile, bytes: Uint8Array): boolean {
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const fd = openSync(diskPath(path), flags);
  try {
    if (!isSameStamp(stampOf(fstatSync(fd, { bigint: true })), stamp)) return false;
    let length = 0;
    while (length < size) {
      const count = readSync(fd, bytes, start + length, size - length, length);
      if (count === 0) return false;
      length += count;
    }
    return true;
  } finally {
    closeSync(fd);
  }
}
