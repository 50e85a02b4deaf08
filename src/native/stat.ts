import { lstatSync } from "node:fs";
import { type AbsolutePath, diskPath, encodePath } from "../base/path.ts";
import { nativeLibrary } from "./library.ts";
import { asStamp, type Stamp, stampBytes } from "./stamp.ts";

/** What stands at each path now, in the same order. A link at the end of a path is not followed. */
export function statBatch(paths: readonly AbsolutePath[]): Stamp[] {
  if (paths.length === 0) return [];
  const library = nativeLibrary();
  if (typeof library === "string") return paths.map(statOne);
  const stamps = Buffer.allocUnsafe(paths.length * stampBytes);
  library.calls.vt_stat_batch(pack(paths), paths.length, stamps);
  return paths.map((_, index) =>
    asStamp(stamps.subarray(index * stampBytes, (index + 1) * stampBytes)),
  );
}

/** Each path with a NUL behind it. */
function pack(paths: readonly AbsolutePath[]): Uint8Array {
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

/** The same without the library. */
export function statOne(path: AbsolutePath): Stamp {
  const bytes = Buffer.alloc(stampBytes);
  try {
    const stats = lstatSync(diskPath(path), { bigint: true });
    bytes.writeUInt32LE(Number(stats.mode), 4);
    bytes.writeBigUInt64LE(BigInt.asUintN(64, stats.dev), 8);
    bytes.writeBigUInt64LE(BigInt.asUintN(64, stats.ino), 16);
    bytes.writeBigUInt64LE(stats.size, 24);
    bytes.writeBigInt64LE(stats.mtimeNs, 32);
    bytes.writeBigInt64LE(stats.ctimeNs, 40);
  } catch (error) {
    bytes.writeUInt32LE(errnoNumber(error), 0);
  }
  return asStamp(bytes);
}

function errnoNumber(error: unknown): number {
  const hasNumber = error instanceof Error && "errno" in error && typeof error.errno === "number";
  if (!hasNumber) throw error;
  return Math.abs(Number(error.errno));
}
