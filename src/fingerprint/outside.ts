import { realpathSync, statSync } from "node:fs";
import { contentHash } from "../base/digest.ts";
import { readDirectory } from "../base/directory.ts";
import { errnoOf } from "../base/file.ts";
import { type AbsolutePath, absolutePath, comparePaths, diskPath } from "../base/path.ts";
import { missingStamp, type Stamp } from "../native/stamp.ts";
import { statBatch } from "../native/stat.ts";
import { hashFile } from "./hash-file.ts";

/**
 * One hash for whatever a path leads to when its links are followed: content and executable bit of a
 * file, names of a directory, or that there is nothing. For paths of the workspace that lead out of
 * it; where they lead is not stored, so nothing can be saved by looking at times.
 */
export function hashBeyond(path: AbsolutePath): bigint {
  return contentHash(Buffer.from(describe(path)));
}

function describe(path: AbsolutePath): string {
  try {
    const stats = statSync(diskPath(path));
    if (stats.isFile()) return `file ${hashFile(path)} ${(stats.mode & 0o100) !== 0}`;
    if (!stats.isDirectory()) return "other";
    const names = (readDirectory(path) ?? []).map(([name, kind]) => `${kind} ${name}`);
    return `directory\0${names.sort(comparePaths).join("\0")}`;
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return "missing";
  }
}

/** What stands where the path leads. */
export function statBeyond(path: AbsolutePath, options: { readonly isFollowing: boolean }): Stamp {
  if (!options.isFollowing) return statBatch([path])[0] ?? missingStamp;
  try {
    return statBatch([absolutePath(realpathSync(diskPath(path)))])[0] ?? missingStamp;
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return missingStamp;
  }
}

/** Where a path leads when its links are followed; undefined where that is nowhere. */
export function placeBeyond(path: AbsolutePath): AbsolutePath | undefined {
  try {
    return absolutePath(realpathSync(diskPath(path)));
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return undefined;
  }
}
