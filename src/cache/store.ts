import { existsSync } from "node:fs";
import { archivePath } from "../archive/format.ts";
import { asDigest, type Digest } from "../base/digest.ts";
import { removeAny } from "../base/file.ts";
import type { Cache } from "./cache.ts";
import { type CapturedChunk, encodeText } from "./captured-text.ts";
import type { CacheDatabase } from "./database.ts";
import { type EntryContent, encodeEntry, entryIdentity } from "./entry.ts";
import type { CacheKey } from "./key.ts";
import { encodeSettled, type Settled } from "./settled.ts";
import { encodeStepRecord, type StepRecord } from "./step-record.ts";
import { encodeTreeRecord, type TreeRecord } from "./tree-record.ts";

/** Results kept for one key: enough to switch between branches, few enough to look through. */
const entriesPerKeyMax = 8;

/** What becomes the record of one step. */
export type StepUse = { readonly step: Digest; readonly record: StepRecord };

export type StoreRequest = {
  readonly key: CacheKey;
  /** One an item of the unit. */
  readonly steps: readonly StepUse[];
  readonly treeRecord: TreeRecord;
  readonly entry: EntryContent;
  /** What each item printed. */
  readonly text: readonly (readonly CapturedChunk[])[];
};

/**
 * Makes the result findable, in one transaction, after its archive is in place. An entry under the
 * same conditions is replaced; beyond the newest few of a key the oldest go, with archives that
 * nothing refers to any more. Returns its id; undefined when it could not be stored, and why has been told.
 */
export function storeEntry(cache: Cache, request: StoreRequest): number | undefined {
  const { key, entry } = request;
  return cache.attempt((database) =>
    database.transaction(() => {
      const archive = entry.archive?.digest;
      // Another vt may have collected it as unused between its creation and now.
      if (archive !== undefined && !existsSync(archivePath(cache.directory, archive)))
        return undefined;
      const { id, replaced } = database.insertEntry({
        key,
        identity: entryIdentity(entry),
        usedMs: cache.now(),
        archive,
        archiveBytes: entry.archive?.size ?? 0,
        content: encodeEntry(entry),
        text: encodeText(request.text),
      });
      const surplus = database.entryIds(key).slice(entriesPerKeyMax);
      const unused = [...replaced, ...surplus.flatMap((old) => database.removeEntry(old) ?? [])];
      for (const name of new Set(unused)) removeArchive(cache, database, name);
      writeRecords(cache, database, request);
      return id;
    }),
  );
}

/** Removes an archive that was made for an entry which was not stored after all. */
export function discardArchive(cache: Cache, name: Digest): void {
  cache.attempt((database) => database.transaction(() => removeArchive(cache, database, name)));
}

/** Remembers what a run left in the tree, and why its result was not stored. */
export function recordRun(
  cache: Cache,
  request: Pick<StoreRequest, "key" | "steps" | "treeRecord">,
): void {
  if (!cache.canWrite) return;
  cache.attempt((database) => database.transaction(() => writeRecords(cache, database, request)));
}

/** Remembers how steps ended that were looked up last. */
export function recordSteps(cache: Cache, steps: readonly StepUse[]): void {
  if (!cache.canWrite) return;
  cache.attempt((database) => database.transaction(() => writeSteps(cache, database, steps)));
}

/** Takes back what a run has stored and noted of the tree: it turned out to be part of a larger unit. */
export function takeBack(
  cache: Cache,
  run: {
    readonly key: CacheKey;
    readonly id: number | undefined;
    /** As it was before the run. */
    readonly treeRecord: TreeRecord;
  },
): void {
  if (run.id !== undefined) dropEntry(cache, run.id);
  if (!cache.canWrite) return;
  cache.attempt((database) => {
    setTreeRecord(cache, database, run);
  });
}

/** Notes that an entry was used, with what was learnt on the way. */
export function recordUse(
  cache: Cache,
  use: Pick<StoreRequest, "key" | "steps"> & {
    readonly id: number;
    /** The entry encoded anew, where stamps were renewed. */
    readonly content: (() => Uint8Array) | undefined;
    /** Given where something was restored. */
    readonly treeRecord: TreeRecord | undefined;
    /** Given where the next look-up would end the same, as long as all is as it was. */
    readonly settled: Settled | undefined;
  },
): void {
  if (!cache.canWrite) return;
  cache.attempt((database) => {
    const { key, treeRecord } = use;
    const hasNews = use.content ?? treeRecord ?? use.settled;
    if (hasNews === undefined && isUseNoted(cache, database, use)) return;
    database.transaction(() => {
      const isNoted = hasNews !== undefined && isUseNoted(cache, database, use);
      const content = use.content?.();
      const usedMs = cache.now();
      if (!isNoted) {
        database.touchEntry(key, use.id, { usedMs, ...(content && { content }) });
        writeSteps(cache, database, use.steps);
      } else if (content !== undefined) database.setContent(key, use.id, content);
      if (treeRecord !== undefined) setTreeRecord(cache, database, { key, treeRecord });
      else if (!isNoted)
        database.touchRecord("tree", cache.inTree(key), {
          usedMs,
          sinceMs: usedMs - useIntervalMs,
        });
      if (use.settled !== undefined)
        writeSettled(cache, database, { ...use, settled: use.settled });
    });
  });
}

/** Whether what a use leaves behind was written lately, and no step of it has done anything else since. */
function isUseNoted(
  cache: Cache,
  database: CacheDatabase,
  { key, id, steps }: Pick<StoreRequest, "key" | "steps"> & { readonly id: number },
): boolean {
  const sinceMs = cache.now() - useIntervalMs;
  if (!database.isUseNoted(key, id, cache.inTree(key), sinceMs)) return false;
  return steps.every(({ step, record }) => {
    const known = database.record("step", step, sinceMs);
    return known?.equals(encodeStepRecord(record)) === true;
  });
}

/** Long enough to make a run with nothing new write nothing, short beside the age at which entries go. */
export const useIntervalMs = 3_600_000;

/** An entry that was used, and when that was noted last. */
export type EntryUse = {
  readonly key: CacheKey;
  readonly id: number;
  readonly usedMs: number;
  /** Of its unit. */
  readonly steps: readonly Digest[];
};

/** Notes that entries were used, unless that has been noted lately: which of them go first needs no more. */
export function recordUses(cache: Cache, entries: readonly EntryUse[]): void {
  const usedMs = cache.now();
  const sinceMs = usedMs - useIntervalMs;
  const due = entries.filter((entry) => entry.usedMs < sinceMs);
  if (!cache.canWrite || due.length === 0) return;
  cache.attempt((database) =>
    database.transaction(() => {
      for (const { key, id, steps } of due) {
        database.touchEntry(key, id, { usedMs });
        const treeKey = cache.inTree(key);
        for (const kind of ["settled", "tree"] as const)
          database.touchRecord(kind, treeKey, { usedMs, sinceMs });
        for (const step of steps) database.touchRecord("step", step, { usedMs, sinceMs });
      }
    }),
  );
}

function writeSettled(
  cache: Cache,
  database: CacheDatabase,
  {
    key,
    id,
    steps,
    settled,
  }: Pick<StoreRequest, "key" | "steps"> & { readonly id: number; readonly settled: Settled },
): void {
  const known = database.recordSums(
    "step",
    steps.map(({ step }) => step),
  );
  const sums = steps.flatMap(({ step }) => known.get(step) ?? []);
  const value = encodeSettled({ id, settled }, sums);
  database.setRecord("settled", cache.inTree(key), { usedMs: cache.now(), value });
}

/** Removes an entry, and its archive when nothing else refers to that. */
export function dropEntry(cache: Cache, id: number): void {
  if (!cache.canWrite) return;
  cache.attempt((database) =>
    database.transaction(() => {
      const archive = database.removeEntry(id);
      if (archive !== undefined) removeArchive(cache, database, archive);
    }),
  );
}

function writeRecords(
  cache: Cache,
  database: CacheDatabase,
  request: Pick<StoreRequest, "key" | "steps" | "treeRecord">,
): void {
  writeSteps(cache, database, request.steps);
  setTreeRecord(cache, database, request);
}

function setTreeRecord(
  cache: Cache,
  database: CacheDatabase,
  { key, treeRecord }: Pick<StoreRequest, "key" | "treeRecord">,
): void {
  const value = encodeTreeRecord(treeRecord);
  database.setRecord("tree", cache.inTree(key), { usedMs: cache.now(), value });
}

function writeSteps(cache: Cache, database: CacheDatabase, steps: readonly StepUse[]): void {
  for (const { step, record } of steps)
    database.setRecord("step", step, { usedMs: cache.now(), value: encodeStepRecord(record) });
}

/** Inside the transaction, because nobody else can begin to refer to the archive then. */
function removeArchive(cache: Cache, database: CacheDatabase, name: string): void {
  if (!database.isArchiveUsed(name)) removeAny(archivePath(cache.directory, asDigest(name)));
}
