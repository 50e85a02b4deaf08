import { existsSync, rmdirSync, rmSync } from "node:fs";
import { readDirectory } from "../base/directory.ts";
import { errnoOf } from "../base/file.ts";
import { type AbsolutePath, diskPath, resolvePath } from "../base/path.ts";

/**
 * Removes what vt has put into a cache directory, of every layout, and the directory itself if
 * nothing else is in it: `VT_CACHE_DIR` may name a directory that holds other things too. Throws what
 * the operating system reports.
 */
export function cleanCache(home: AbsolutePath): void {
  for (const [name, kind] of readDirectory(home) ?? []) {
    const directory = resolvePath(home, name);
    if (kind === "directory" && isLayout(directory, name))
      rmSync(diskPath(directory), { recursive: true, force: true });
  }
  try {
    rmdirSync(diskPath(home));
  } catch (error) {
    if (!["ENOENT", "ENOTEMPTY", "EEXIST", "ENOTDIR"].includes(errnoOf(error) ?? "")) throw error;
  }
}

function isLayout(directory: AbsolutePath, name: string): boolean {
  return /^v\d+$/.test(name) && existsSync(diskPath(resolvePath(directory, "cache.db")));
}
