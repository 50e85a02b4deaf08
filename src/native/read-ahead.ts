import type { FilesRead } from "../base/document.ts";
import type { AbsolutePath } from "../base/path.ts";
import { nativeLibrary } from "./library.ts";
import { packPaths } from "./stat.ts";

/** Room for files of the usual size; what does not fit is left to be read by itself. */
const bytesPerFile = 2 * 1024;
const bytesMin = 256 * 1024;

const enoent = -2;
const enotdir = -20;

/**
 * What small files hold now, read in one native call. One that is not there is among them as undefined.
 * Missing are files that do not fit, and those that cannot be read: whoever reads them will learn why.
 */
export function readAhead(paths: readonly AbsolutePath[]): FilesRead {
  const library = nativeLibrary();
  const files = new Map<AbsolutePath, Uint8Array | undefined>();
  if (paths.length === 0 || typeof library === "string") return files;
  const lengths = new BigInt64Array(paths.length);
  const bytes = Buffer.allocUnsafe(Math.max(bytesMin, paths.length * bytesPerFile));
  library.calls.vt_read_batch(packPaths(paths), paths.length, lengths, bytes, bytes.length);
  let start = 0;
  for (const [index, path] of paths.entries()) {
    const length = Number(lengths[index]);
    if (length >= 0) {
      files.set(path, bytes.subarray(start, start + length));
      start += length;
    } else if (length === enoent || length === enotdir) files.set(path, undefined);
  }
  return files;
}
