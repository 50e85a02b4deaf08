import { rmSync, statSync } from "node:fs";
import { temporaryPrefix } from "../archive/format.ts";
import { readDirectory } from "../base/directory.ts";
import { errnoOf, removeIfPresent } from "../base/file.ts";
import { type AbsolutePath, diskPath, resolvePath } from "../base/path.ts";
import type { Cache } from "./cache.ts";
import type { CacheDatabase, EntrySize } from "./database.ts";
import { type KeptRun, keptRuns } from "./kept-runs.ts";
import { lastSummaryName } from "./layout.ts";
import { dropEntry } from "./store.ts";

const GiB = 1024 ** 3;
const hourMs = 3_600_000;

/** What may stay in a cache. */
export type CacheLimits = {
  /** Bytes of all archives, records and remembered runs together. */
  readonly sizeBytes: number;
  /** Since an entry was last used, or a run remembered. */
  readonly ageMs: number;
};

export const defaultLimits: CacheLimits = { sizeBytes: 10 * GiB, ageMs: 30 * 24 * hourMs };

/** A run may be made longer by this much. */
const collectMs = 50;

/** So many old records go in one transaction. */
const recordsPerPass = 1000;

/** What was removed; the bytes are those of entries, archives included, and of runs. */
export type Collected = {
  readonly entries: number;
  readonly runs: number;
  readonly bytes: number;
  readonly records: number;
};

/**
 * Brings the cache below its limits, remembered runs first and then the least recently used entries, and
 * removes what crashed runs left. Stops after `timeMs`; the next run goes on.
 */
export function collect(
  cache: Cache,
  limits: CacheLimits = defaultLimits,
  timeMs: number = collectMs,
): Collected {
  const collected = { entries: 0, runs: 0, bytes: 0, records: 0 };
  if (!cache.canWrite) return collected;
  const deadline = cache.now() + timeMs;
  cache.attempt((database) => {
    const surplus = findSurplus(cache, database, limits);
    for (const { path, bytes } of surplus.runs) {
      if (cache.now() > deadline) return;
      removeIfPresent(path);
      collected.runs += 1;
      collected.bytes += bytes;
    }
    for (const { id, bytes } of surplus.entries) {
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

/** What a collection would remove now, each the oldest first. */
export type Surplus = {
  readonly runs: readonly KeptRun[];
  readonly entries: readonly EntrySize[];
};

/**
 * What is over the limits. Remembered runs go first: another run of the same command makes them again, and
 * with the first entry that goes all of them are worth nothing.
 */
export function findSurplus(cache: Cache, database: CacheDatabase, limits: CacheLimits): Surplus {
  const sizes = database.entrySizes();
  const kept = keptRuns(cache.directory);
  const oldestMs = cache.now() - limits.ageMs;
  let total = sumOf(sizes) + sumOf(kept);
  const isSurplus = (bytes: number, usedMs: number): boolean => {
    if (total <= limits.sizeBytes && usedMs >= oldestMs) return false;
    total -= bytes;
    return true;
  };
  const runs = takeWhile(kept, ({ bytes, writtenMs }) => isSurplus(bytes, writtenMs));
  const entries = takeWhile(sizes, ({ bytes, usedMs }) => isSurplus(bytes, usedMs));
  return { runs, entries };
}

/** Bytes of all. */
export function sumOf(parts: readonly { readonly bytes: number }[]): number {
  return parts.reduce((sum, { bytes }) => sum + bytes, 0);
}

function takeWhile<T>(items: readonly T[], isTaken: (item: T) => boolean): readonly T[] {
  const firstToStay = items.findIndex((item) => !isTaken(item));
  return firstToStay === -1 ? items : items.slice(0, firstToStay);
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
