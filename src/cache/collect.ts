import { rmSync, statSync } from "node:fs";
import { archivePath, temporaryPrefix } from "../archive/format.ts";
import { asDigest } from "../base/digest.ts";
import { readDirectory } from "../base/directory.ts";
import { errnoOf, removeAny } from "../base/file.ts";
import { type AbsolutePath, diskPath, resolvePath } from "../base/path.ts";
import type { Cache } from "./cache.ts";
import type { CacheDatabase } from "./database.ts";

const GiB = 1024 ** 3;
const hourMs = 3_600_000;

/** What may stay in a cache. */
export type CacheLimits = {
  /** Bytes of all archives and records together. */
  readonly sizeBytes: number;
  /** Since an entry was last used. */
  readonly ageMs: number;
};

const defaultLimits: CacheLimits = { sizeBytes: 10 * GiB, ageMs: 30 * 24 * hourMs };

/** A run may be made longer by this much. */
const collectMs = 50;

/**
 * Brings the cache below its limits, the least recently used entries first, and removes what crashed
 * runs left. Stops when its time is over; the next run goes on.
 */
export function collect(cache: Cache, limits: CacheLimits = defaultLimits): void {
  if (!cache.canWrite) return;
  const deadline = cache.now() + collectMs;
  cache.attempt((database) => {
    for (const id of surplusEntries(database, { limits, nowMs: cache.now() })) {
      if (cache.now() > deadline) return;
      dropEntry(cache, database, id);
    }
    removeLeftovers(cache, database, deadline);
  });
}

function surplusEntries(
  database: CacheDatabase,
  { limits, nowMs }: { readonly limits: CacheLimits; readonly nowMs: number },
): number[] {
  const sizes = database.entrySizes();
  let total = sizes.reduce((sum, { bytes }) => sum + bytes, 0);
  const surplus: number[] = [];
  // The longest unused first.
  for (const { id, bytes, usedMs } of sizes) {
    if (total <= limits.sizeBytes && usedMs >= nowMs - limits.ageMs) break;
    surplus.push(id);
    total -= bytes;
  }
  return surplus;
}

function dropEntry(cache: Cache, database: CacheDatabase, id: number): void {
  database.transaction(() => {
    const archive = database.removeEntry(id);
    if (archive !== undefined && !database.isArchiveUsed(archive))
      removeAny(archivePath(cache.directory, asDigest(archive)));
  });
}

/** Unfinished files, and archives that no entry refers to: of runs that were killed, or that run right now. */
function removeLeftovers(cache: Cache, database: CacheDatabase, deadline: number): void {
  for (const [name] of readDirectory(cache.directory) ?? []) {
    if (cache.now() > deadline) return;
    const path = resolvePath(cache.directory, name);
    const archive = /^([0-9a-f]{64})\.tar\.zst$/.exec(name)?.[1];
    const isLeftover =
      archive === undefined
        ? name.startsWith(temporaryPrefix) || name.startsWith("clock-")
        : !database.isArchiveUsed(archive);
    if (isLeftover && isOlderThan(path, cache.now() - hourMs))
      rmSync(diskPath(path), { recursive: true, force: true });
  }
}

function isOlderThan(path: AbsolutePath, timeMs: number): boolean {
  try {
    return statSync(diskPath(path)).mtimeMs < timeMs;
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return false;
  }
}
