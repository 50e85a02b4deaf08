import type { ManifestEntry } from "../archive/manifest.ts";
import { DamagedBytes } from "../base/bytes.ts";
import type { Digest } from "../base/digest.ts";
import { once } from "../base/once.ts";
import { comparePaths, type WorkspacePath } from "../base/path.ts";
import type { Condition } from "../fingerprint/condition.ts";
import type { Exclusions } from "../fingerprint/exclusions.ts";
import type { Tree } from "../fingerprint/tree.ts";
import type { ToolEnvironment } from "../ipc/tool-environment.ts";
import { isSameStamp, stampKind, unprovenStamp } from "../native/stamp.ts";
import { changedEnv } from "./asked-env.ts";
import type { Cache } from "./cache.ts";
import { type Check, type CheckContext, checkStored, compareDeclared } from "./check.ts";
import { decodeEntry, type EntryItem, type StoredEntry } from "./entry.ts";
import { type CacheKey, explainChange, type SpawnFingerprint } from "./key.ts";
import type { InputChange, MissReason } from "./miss.ts";
import { changedPrograms, type ProgramSearch, type Programs } from "./programs.ts";
import type { SkipReason } from "./skip.ts";
import { decodeStepRecord, type StepRecord } from "./step-record.ts";
import { dropEntry } from "./store.ts";
import { decodeTreeRecord, emptyTreeRecord, type TreeRecord } from "./tree-record.ts";

/** One item of what is looked up. */
type LookupItem = {
  readonly fingerprint: SpawnFingerprint;
  readonly stepDigest: Digest;
  readonly search: ProgramSearch;
  /** The variables that its tools would be told of now. */
  readonly toolEnvironment: ToolEnvironment;
  readonly step: { readonly commandText: string };
};

export type LookupRequest = {
  readonly key: CacheKey;
  readonly items: readonly LookupItem[];
  readonly programs: Programs;
  readonly tree: Tree;
  /** When nothing had been looked at yet, in milliseconds since the epoch. */
  readonly lookedAtMs: number;
  readonly exclusions: Exclusions;
  /** The files that the `input` patterns match now. */
  readonly declared: readonly Condition[];
};

/** An entry that fits. */
export type Hit = {
  readonly kind: "hit";
  readonly id: number;
  readonly key: CacheKey;
  readonly entry: StoredEntry;
  /** Whether stamps were renewed, so that the entry is worth writing again. */
  readonly isFresh: boolean;
  readonly treeRecord: TreeRecord;
  /** Every state that some run with this key left at a path. */
  readonly produced: () => ProducedWork;
};

export type Lookup = Hit | { readonly kind: "miss"; readonly reason: MissReason };

/** Tells whether a path holds what a run with the same key left there. Reads files, hence asynchronous elsewhere. */
type ProducedWork = ReadonlyMap<WorkspacePath, readonly ManifestEntry[]>;

/** Whether a path of the tree is as a manifest row says. */
export type RowCheck = (row: ManifestEntry) => boolean;

/**
 * Finds the newest entry whose conditions all hold. Reads each path once, whatever the number of
 * entries. An entry that cannot be read is dropped, and told.
 */
export function lookUp(cache: Cache, request: LookupRequest, isInPlace: RowCheck): Lookup {
  const { key } = request;
  const { entries, unread, treeRecord, produced } = readEntries(cache, key);
  let reason: MissReason | undefined;
  for (const { id, entry } of entries) {
    const outcome = checkEntry({ request, entry, treeRecord, produced, isInPlace });
    if (outcome.kind === "fits")
      return {
        kind: "hit",
        id,
        key,
        entry: outcome.entry,
        isFresh: outcome.isFresh,
        treeRecord,
        produced,
      };
    reason ??= outcome.reason;
  }
  return { kind: "miss", reason: explainMiss(cache, request, reason ?? unread) };
}

type Entries = Pick<EntryCheck, "treeRecord" | "produced"> & {
  /** Those that can be read, newest first. */
  readonly entries: readonly { readonly id: number; readonly entry: StoredEntry }[];
  /** Why there is none, where there should be. */
  readonly unread: MissReason | undefined;
};

/** What the cache has under a key. */
export function readEntries(cache: Cache, key: CacheKey): Entries {
  const ids = cache.attempt((database) => database.entryIds(key)) ?? [];
  const treeRecord = readTreeRecord(cache, key);
  let unread: MissReason | undefined;
  const entries = ids.flatMap((id) => {
    const entry = findEntry(cache, key, id);
    if (entry === "dropped") unread ??= { kind: "entry-dropped" };
    else if (entry !== undefined) return [{ id, entry }];
    else unread = { kind: "entry-damaged", detail: "its record could not be read" };
    return [];
  });
  // Most look-ups need not know.
  const produced = once(() =>
    producedBy(
      entries.map(({ entry }) => entry),
      treeRecord,
    ),
  );
  return { entries, unread, treeRecord, produced };
}

/** What earlier runs with this key left in the tree; empty when nothing is known. */
export function readTreeRecord(cache: Cache, key: CacheKey): TreeRecord {
  const record = cache.attempt((database) => {
    const bytes = database.record("tree", cache.inTree(key));
    return bytes && decodeTreeRecord(bytes);
  });
  return record ?? emptyTreeRecord;
}

/** What the runs of all keys left in the tree. Undefined when that cannot be found out. */
export function readTreeRecords(cache: Cache): ReadonlyMap<string, TreeRecord> | undefined {
  return cache.attempt((database) => {
    const records = database.treeRecords(cache.tree);
    return new Map(records.map(({ key, value }) => [key, decodeTreeRecord(value)]));
  });
}

/** Undefined when it has been dropped meanwhile, or cannot be read, which is told. */
export function readEntry(cache: Cache, key: CacheKey, id: number): StoredEntry | undefined {
  const entry = findEntry(cache, key, id);
  return entry === "dropped" ? undefined : entry;
}

function findEntry(cache: Cache, key: CacheKey, id: number): StoredEntry | "dropped" | undefined {
  return cache.attempt((database) => {
    try {
      const content = database.entryContent(key, id);
      return content === undefined ? "dropped" : decodeEntry(content);
    } catch (error) {
      if (error instanceof DamagedBytes) dropEntry(cache, id);
      throw error;
    }
  });
}

/** One entry, and all that decides whether it fits. */
type EntryCheck = {
  readonly request: LookupRequest;
  readonly entry: StoredEntry;
  readonly treeRecord: TreeRecord;
  readonly produced: () => ProducedWork;
  readonly isInPlace: RowCheck;
};

type Fit =
  | { readonly kind: "fits"; readonly entry: StoredEntry; readonly isFresh: boolean }
  | { readonly kind: "differs"; readonly reason: MissReason };

function checkEntry(check: EntryCheck): Fit {
  const { request, entry } = check;
  const declared = compareDeclared(entry.declared, request.declared);
  const inferred = checkInferred(check);
  const change = firstChange(declared, inferred);
  if (change !== undefined) return { kind: "differs", reason: { kind: "input-changed", change } };
  for (const [index, item] of request.items.entries()) {
    const reason = changedItem(request.programs, { item, stored: entry.items[index] });
    if (reason !== undefined)
      return { kind: "differs", reason: ofPart(request.items, item, reason) };
  }
  if (inferred.kind === "changed") throw new Error("a change was found and not reported");
  return {
    kind: "fits",
    entry: { ...entry, declared: request.declared },
    isFresh: inferred.isFresh,
  };
}

/** What can be different about one command, and not about its task. */
const partReasons: readonly MissReason["kind"][] = [
  ...(["program-changed", "args-changed", "cwd-changed"] as const),
  ...(["tool-changed", "tool-env-changed"] as const),
];

/** Of several items, says which one it is. */
function ofPart(
  items: readonly LookupItem[],
  { step }: LookupItem,
  reason: MissReason,
): MissReason {
  const isOfPart = items.length > 1 && partReasons.includes(reason.kind);
  return isOfPart ? { kind: "part-changed", command: step.commandText, reason } : reason;
}

type ItemCheck = { readonly item: LookupItem; readonly stored: EntryItem | undefined };

/** What an item depends on apart from the tree, and is not as it was. */
export function changedItem(
  programs: Programs,
  { item, stored }: ItemCheck,
): MissReason | undefined {
  if (stored === undefined) return { kind: "entry-damaged", detail: "it has too few items" };
  const [variable] = changedEnv(stored.asked, item.toolEnvironment);
  if (variable !== undefined) return { kind: "tool-env-changed", ...variable };
  const [name] = changedPrograms(programs, stored.programs, item.search);
  return name === undefined ? undefined : { kind: "tool-changed", name };
}

function checkInferred(check: EntryCheck): Check {
  const { inferred } = check.entry;
  return checkStored(inferred, conditionContext(check), check.request.lookedAtMs);
}

/** What the conditions of an entry are held against. */
export function conditionContext(check: EntryCheck): CheckContext {
  const { request, entry, treeRecord, produced, isInPlace } = check;
  const known = once(() => {
    const paths = new Map(treeRecord.owned);
    for (const [index, row] of entry.manifest.entries())
      paths.set(row.path, { row, stamp: entry.outputStamps.at(index) ?? unprovenStamp });
    return paths;
  });
  return {
    tree: request.tree,
    exclusions: request.exclusions,
    isOwn: (path) => {
      const own = known().get(path);
      if (own === undefined) return false;
      const stamp = request.tree.stamp(request.tree.at(path));
      if (stampKind(stamp) === "missing" || isSameStamp(stamp, own.stamp)) return true;
      return produced().get(path)?.some(isInPlace) === true;
    },
    holdsOwnWork: (path) => produced().get(path)?.some(isInPlace) === true,
    isAsLeft: (path) => {
      const own = treeRecord.owned.get(path);
      if (own === undefined) return false;
      return (
        isSameStamp(request.tree.stamp(request.tree.at(path)), own.stamp) || isInPlace(own.row)
      );
    },
  };
}

/** The one with the smallest path, so that the same state always gives the same reason. */
function firstChange(declared: InputChange | undefined, inferred: Check): InputChange | undefined {
  const changes = [declared, inferred.kind === "changed" ? inferred.change : undefined];
  return changes
    .filter((change) => change !== undefined)
    .sort((a, b) => comparePaths(a.path, b.path))[0];
}

function producedBy(entries: readonly StoredEntry[], treeRecord: TreeRecord): ProducedWork {
  const produced = new Map<WorkspacePath, ManifestEntry[]>();
  const add = (row: ManifestEntry): void => {
    const rows = produced.get(row.path);
    if (rows === undefined) produced.set(row.path, [row]);
    else rows.push(row);
  };
  for (const { row } of treeRecord.owned.values()) add(row);
  for (const { row } of treeRecord.overwritten.values()) add(row);
  for (const { manifest } of entries) for (const row of manifest) add(row);
  return produced;
}

/** How a step was when it last used the cache. */
export function readStepRecord(cache: Cache, step: Digest): StepRecord | undefined {
  return cache.attempt((database) => {
    const bytes = database.record("step", step);
    return bytes && decodeStepRecord(bytes);
  });
}

/**
 * Why nothing fits: that the last run was not stored, what the newest entry differs in, or else what was different
 * when the items last used the cache.
 */
function explainMiss(
  cache: Cache,
  { items, key }: LookupRequest,
  change: MissReason | undefined,
): MissReason {
  const records = items.map(({ stepDigest }) => readStepRecord(cache, stepDigest));
  const notStored = records
    .map((last) => last && whyNotStored(last, key))
    .find((reason) => reason !== undefined);
  if (notStored !== undefined)
    return { kind: "last-run-not-stored", reason: notStored, ...(change && { change }) };
  if (change !== undefined) return change;
  for (const [index, item] of items.entries()) {
    const last = records[index];
    const reason = last && explainChange(last.fingerprint, item.fingerprint);
    if (reason !== undefined && reason.kind !== "not-found") return ofPart(items, item, reason);
  }
  return { kind: "not-found" };
}

/** Undefined where the last run was stored, or is no run of what is looked up under `key` now. */
function whyNotStored(
  { key: lastKey, notStored }: StepRecord,
  key: CacheKey,
): SkipReason | undefined {
  // What is looked up as a whole now was a step by itself then.
  return lastKey === key || notStored?.kind === "part-replayed" ? notStored : undefined;
}
