import type { AbsolutePath } from "../base/path.ts";
import { encodePath } from "../base/path-bytes.ts";
import { nativeLibrary } from "./library.ts";
import { asStamp, type Stamp, stampBytes } from "./stamp.ts";
import { statOne } from "./stat-one.ts";

/** What stands at each path now, in the same order. A link at the end of a path is not followed. */
export function statBatch(paths: readonly AbsolutePath[]): Stamp[] {
  if (paths.length === 0) return [];
  const library = nativeLibrary();
  if (typeof library === "string") return paths.map(statOne);
  const stamps = Buffer.allocUnsafe(paths.length * stampBytes);
  library.calls.vt_stat_batch(packPaths(paths), paths.length, stamps);
  const found: Stamp[] = [];
  for (let at = 0; at < stamps.length; at += stampBytes)
    found.push(asStamp(stamps.subarray(at, at + stampBytes)));
  return found;
}

/** Each path with a NUL behind it. */
export function packPaths(paths: readonly AbsolutePath[]): Uint8Array {
  const text = `${paths.join("\0")}\0`;
  const packed = encodePath(text);
  if (nulCount(packed) !== paths.length) throw new TypeError("a path with a NUL in it");
  return packed;
}

function nulCount(bytes: Uint8Array): number {
  let count = 0;
  for (let at = bytes.indexOf(0); at !== -1; at = bytes.indexOf(0, at + 1)) count += 1;
  return count;
}
