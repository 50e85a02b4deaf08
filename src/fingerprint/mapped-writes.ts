import { statfsSync } from "node:fs";
import { type AbsolutePath, diskPath } from "../base/path.ts";

/** What Linux calls file systems that lie in memory: tmpfs and ramfs. */
const inMemory: ReadonlySet<number> = new Set([0x01021994, 0x858458f6]);

/**
 * Whether the times of a file tell of what is written through a mapping of it. Those of files that lie in
 * memory do not. Of a file that is gone nothing is to be told.
 */
export function doesTimeMappedWrites(path: AbsolutePath): boolean {
  try {
    // A number of 32 bits, which some take for one with a sign.
    return !inMemory.has(statfsSync(diskPath(path)).type >>> 0);
  } catch (error) {
    if (error instanceof Error && "code" in error) return true;
    throw error;
  }
}
