import { existsSync, rmdirSync, rmSync } from "node:fs";
import { readDirectory } from "../base/directory.ts";
import { errnoOf } from "../base/file.ts";
import { type AbsolutePath, diskPath, resolvePath } from "../base/path.ts";
import { stampSize } from "../native/stamp.ts";
import { statOne } from "../native/stat-one.ts";
import { cacheLayout } from "./layout.ts";

/** Bytes of files that were removed; undefined where there was nothing. */
export type Cleaned = {
  /** Of the layout that this vt uses. */
  readonly own: number | undefined;
  /** Of those of other versions. */
  readonly others: number | undefined;
};

/**
 * Removes what vt has put into a cache directory, of every layout, and the directory itself if
 * nothing else is in it: `VT_CACHE_DIR` may name a directory that holds other things too. Throws what the
 * operating system reports.
 */
export function cleanCache(home: AbsolutePath): Cleaned {
  let own: number | undefined;
  let others: number | undefined;
  for (const [name, kind] of readDirectory(home) ?? []) {
    const directory = resolvePath(home, name);
    if (kind !== "directory" || !isLayout(directory, name)) continue;
    const bytes = bytesIn(directory);
    if (name === cacheLayout) own = bytes;
    else others = (others ?? 0) + bytes;
    rmSync(diskPath(directory), { recursive: true, force: true });
  }
  try {
    rmdirSync(diskPath(home));
  } catch (error) {
    if (!["ENOENT", "ENOTEMPTY", "EEXIST", "ENOTDIR"].includes(errnoOf(error) ?? "")) throw error;
  }
  return { own, others };
}

/** Of the files in it, and in what is in it. */
function bytesIn(directory: AbsolutePath): number {
  return (readDirectory(directory) ?? [])
    .map(([name, kind]) => {
      const path = resolvePath(directory, name);
      return kind === "directory" ? bytesIn(path) : stampSize(statOne(path));
    })
    .reduce((sum, size) => sum + size, 0);
}

function isLayout(directory: AbsolutePath, name: string): boolean {
  return /^v\d+$/.test(name) && existsSync(diskPath(resolvePath(directory, "cache.db")));
}
