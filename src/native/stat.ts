import { lstatSync } from "node:fs";
import { type AbsolutePath, diskPath } from "../base/path.ts";
import { asStamp, missingStamp, type Stamp, stampBytes } from "./stamp.ts";

/** What `lstat` says of each path. */
export function statBatch(paths: readonly AbsolutePath[]): Stamp[] {
  return paths.map((path) => {
    const stats = (() => { try { return lstatSync(diskPath(path), { bigint: true, throwIfNoEntry: false }); } catch { return undefined; } })();
    if (stats === undefined) return missingStamp;
    const bytes = Buffer.alloc(stampBytes);
    bytes.writeUInt32LE(Number(stats.mode), 4);
    bytes.writeBigUInt64LE(BigInt.asUintN(64, stats.dev), 8);
    bytes.writeBigUInt64LE(BigInt.asUintN(64, stats.ino), 16);
    bytes.writeBigUInt64LE(stats.size, 24);
    bytes.writeBigInt64LE(stats.mtimeNs, 32);
    bytes.writeBigInt64LE(stats.ctimeNs, 40);
    return asStamp(bytes);
  });
}
