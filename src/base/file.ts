import {
  closeSync,
  constants,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import type { AbsolutePath } from "./path.ts";
import { diskPath, nameOf, resolvePath } from "./path.ts";

/** The name the operating system gives a failure: "ENOENT". Undefined when it did not come from there. */
export function errnoOf(error: unknown): string | undefined {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" ? code : undefined;
}

/** Whether nothing stands at the path: the last component is missing, or one before it is no directory. */
export function isMissing(error: unknown): boolean {
  const errno = errnoOf(error);
  return errno === "ENOENT" || errno === "ENOTDIR";
}

/**
 * The bytes of a file, or undefined where there is none (a directory is none). Never waits for the
 * writer of a pipe. Throws what the operating system reports otherwise.
 */
export function readIfPresent(path: AbsolutePath): Buffer | undefined {
  try {
    return readFileSync(diskPath(path), { flag: constants.O_RDONLY | constants.O_NONBLOCK });
  } catch (error) {
    if (isMissing(error) || errnoOf(error) === "EISDIR") return undefined;
    throw error;
  }
}

/**
 * Puts a whole file in place: written aside, synced, renamed, so that a reader sees the old or the
 * new one and a power cut leaves either. The directory must be there. Nothing is left beside it
 * when it throws.
 */
export function writeAtomically(path: AbsolutePath, bytes: Uint8Array | string): void {
  const aside = resolvePath(path, `../.${nameOf(path)}.${crypto.randomUUID()}.tmp`);
  try {
    writeWhole(aside, typeof bytes === "string" ? Buffer.from(bytes) : bytes);
    renameSync(diskPath(aside), diskPath(path));
  } catch (error) {
    removeIfPresent(aside);
    throw error;
  }
}

/** Writes a file where there is none, and returns whether it did. Whatever stands at the path is left alone. */
export function didWriteNew(path: AbsolutePath, text: string): boolean {
  try {
    writeFileSync(diskPath(path), text, { flag: "wx" });
    return true;
  } catch (error) {
    if (errnoOf(error) === "EEXIST") return false;
    throw error;
  }
}

/** Removes a file or link; that there is none is fine, too. */
export function removeIfPresent(path: AbsolutePath): void {
  try {
    unlinkSync(diskPath(path));
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

/** Removes whatever is there, a directory with all that is in it, too; that there is nothing is fine. */
export function removeAny(path: AbsolutePath): void {
  rmSync(diskPath(path), { recursive: true, force: true });
}

function writeWhole(path: AbsolutePath, bytes: Uint8Array): void {
  const fd = openSync(diskPath(path), "wx");
  try {
    let written = 0;
    while (written < bytes.length) written += writeSync(fd, bytes, written);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
