import { type BigIntStats, lstatSync } from "node:fs";
import { type AbsolutePath, diskPath } from "../base/path.ts";
import { asStamp, type Stamp, stampBytes } from "./stamp.ts";

/** What stands at a path, without the native library. */
export function statOne(path: AbsolutePath): Stamp {
  try {
    return stampOf(lstatSync(diskPath(path), { bigint: true }));
  } catch (error) {
    const bytes = Buffer.alloc(stampBytes);
    bytes.writeUInt32LE(errnoNumber(error), 0);
    return asStamp(bytes);
  }
}

/** What the library would have given for what was looked at otherwise. */
export function stampOf(stats: BigIntStats): Stamp {
  const bytes = Buffer.alloc(stampBytes);
  bytes.writeUInt32LE(Number(stats.mode), 4);
  bytes.writeBigUInt64LE(BigInt.asUintN(64, stats.dev), 8);
  bytes.writeBigUInt64LE(BigInt.asUintN(64, stats.ino), 16);
  bytes.writeBigUInt64LE(stats.size, 24);
  bytes.writeBigInt64LE(stats.mtimeNs, 32);
  bytes.writeBigInt64LE(stats.ctimeNs, 40);
  return asStamp(bytes);
}

function errnoNumber(error: unknown): number {
  const hasNumber = error instanceof Error && "errno" in error && typeof error.errno === "number";
  if (!hasNumber) throw error;
  return Math.abs(Number(error.errno));
}
