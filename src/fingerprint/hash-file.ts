import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { contentHash } from "../base/digest.ts";
import { type AbsolutePath, diskPath } from "../base/path.ts";

const KiB = 1024;

/** Read in pieces of this size, so that a large file costs no more memory than a small one. */
const chunk = Buffer.allocUnsafe(1024 * KiB);

/**
 * xxHash3 of a regular file's content, pieces of 1 MiB chained. Follows a link. Undefined when there
 * is no regular file or it cannot be read; a pipe or device is never opened for reading.
 */
export function hashFile(path: AbsolutePath): bigint | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(diskPath(path), constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    if (error instanceof Error && "code" in error) return undefined;
    throw error;
  }
  try {
    return fstatSync(descriptor).isFile() ? hashDescriptor(descriptor) : undefined;
  } catch (error) {
    if (error instanceof Error && "code" in error) return undefined;
    throw error;
  } finally {
    closeSync(descriptor);
  }
}

function hashDescriptor(descriptor: number): bigint {
  let hash = 0n;
  let length: number;
  do {
    length = fill(descriptor);
    hash = contentHash(chunk.subarray(0, length), hash);
  } while (length === chunk.length);
  return hash;
}

/** A read may return less than was asked for long before the end; pieces must be cut alike every time. */
function fill(descriptor: number): number {
  let length = 0;
  while (length < chunk.length) {
    const count = readSync(descriptor, chunk, length, chunk.length - length, null);
    if (count === 0) return length;
    length += count;
  }
  return length;
}
