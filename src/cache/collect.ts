import { rmSync, statSync } from "node:fs";
import { temporaryPrefix } from "../archive/format.ts";
import { readDirectory } from "../base/directory.ts";
import { errnoOf } from "../base/file.ts";
import { type AbsolutePath, diskPath, resolvePath } from "../base/path.ts";
import type { Cache } from "./cache.ts";
import type { CacheDatabase, EntrySize } from "./database.ts";
import { lastSummaryName } from "./layout.ts";
import { dropEntry } from "./store.ts";

const GiB = 1024 ** 3;
const hourMs = 3_600_000;

/** What may stay in a cache. */
export type CacheLimits = {
  /** Bytes of all archives and records together. */
  readonly sizeBytes: number;
  /** Since an entry was last used. */
  readonly ageMs: number;
};

export const defaultLimits: CacheLimits = { sizeBytes: 10 * GiB, ageMs: 30 * 24 * hourMs };

/** A run may be made longer by this much. */
const collectMs = 50;

/** So many old records go in one transaction. */
const recordsPerPass = 1000;

/** What was removed, and what of it was an entry's, archive included. */
export type Collected = {
  readonly entries: number;
  readonly bytes: number;
  readonly records: number;
};

/**
 * Brings the cache below its limits, the least recently used entries first, and removes what crashed
 * runs left. Stops after `timeMs`; the next run goes on.
 */
export function collect(
  cache: Cache,
  limits: CacheLimits = defaultLimits,
  timeMs: number = collectMs,
): Collected {
  const collected = { entries: 0, bytes: 0, records: 0 };
  if (!cache.canWrite) return collected;
  const deadline = cache.now() + timeMs;
  cache.attempt((database) => {
    for (const { id, bytes } of surplusEntries(database, { limits, nowMs: cache.now() })) {
      if (cache.now() > deadline) return;
      dropEntry(cache, id);
      collected.entries += 1;
      collected.bytes += bytes;
    }
    removeLeftovers(cache, database, deadline);
    for (let count = recordsPerPass; count === recordsPerPass && cache.now() <= deadline; ) {
      count = database.removeOldRecords(cache.now() - limits.ageMs, recordsPerPass);
      collected.records += count;
    }
  });
  return collected;
}

/** What a collection would remove now, the longest unused first. */
export function surplusEntries(
  database: CacheDatabase,
  { limits, nowMs }: { readonly limits: CacheLimits; readonly nowMs: number },
): readonly EntrySize[] {
  const sizes = database.entrySizes();
  let total = sizes.reduce((sum, { bytes }) => sum + bytes, 0);
  const isSurplus = ({ bytes, usedMs }: EntrySize): boolean => {
    if (total <= limits.sizeBytes && usedMs >= nowMs - limits.ageMs) return false;
    total -= bytes;
    return true;
  };
  const firstToStay = sizes.findIndex((entry) => !isSurplus(entry));
  return firstToStay === -1 ? sizes : sizes.slice(0, firstToStay);
}

/** What the names of files that are being written begin with. */
const unfinishedNames = [temporaryPrefix, "clock-", `${lastSummaryName}.`];

/** Unfinished files, and archives that no entry refers to: of runs that were killed, or that run right now. */
function removeLeftovers(cache: Cache, database: CacheDatabase, deadline: number): void {
  for (const [name] of readDirectory(cache.directory) ?? []) {
    if (cache.now() > deadline) return;
    const path = resolvePath(cache.directory, name);
    const archive = /^([0-9a-f]{64})\.tar\.zst$/.exec(name)?.[1];
    const isLeftover =
      archive === undefined
        ? unfinishedNames.some((prefix) => name.startsWith(prefix))
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
