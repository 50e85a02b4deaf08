import { compareOutputs, type OutputComparison } from "../archive/compare.ts";
import { isSameRow, type ManifestEntry } from "../archive/manifest.ts";
import type { RestoreOutcome } from "../archive/restore.ts";
import { once } from "../base/once.ts";
import { printable, type WorkspacePath } from "../base/path.ts";
import { type CapturedChunk, decodeText } from "../cache/captured-text.ts";
import { encodeEntry, type StoredEntry } from "../cache/entry.ts";
import { type Hit, readTreeRecords } from "../cache/lookup.ts";
import type { MissReason } from "../cache/miss.ts";
import { isRowInPlace } from "../cache/row.ts";
import { dropEntry, recordUse } from "../cache/store.ts";
import type { OwnedPath, TreeRecord } from "../cache/tree-record.ts";
import { provenStamp } from "../fingerprint/clock.ts";
import { type Stamp, unprovenStamp } from "../native/stamp.ts";
import { type PreparedUnit, stepUses } from "./prepared-unit.ts";
import type { Session } from "./session.ts";
import { settle } from "./settle-hit.ts";
import { removeOwn, removeStaleOutputs } from "./stale-outputs.ts";

/** An entry whose outputs are in place. */
export type Restored = {
  readonly kind: "restored";
  readonly hit: Hit;
  /** What each item printed. */
  readonly texts: readonly (readonly CapturedChunk[])[];
  /** What a person should be told. */
  readonly notes: readonly string[];
  readonly comparison: OutputComparison;
  readonly needed: readonly ManifestEntry[];
  /** What was the step's own and the entry does not have. */
  readonly removed: ReadonlySet<WorkspacePath>;
};

type Miss = { readonly kind: "miss"; readonly reason: MissReason };

/**
 * Puts the outputs of an entry in place, as far as they are not. Where that cannot be done the unit is
 * to be run.
 */
export async function restoreHit(
  unit: PreparedUnit,
  hit: Hit,
  session: Session,
): Promise<Restored | Miss> {
  using _restoring = session.profile.begin("restore", unit.items[0].step);
  const { entry } = hit;
  const texts = readTexts(hit, session);
  if (texts === undefined) return unusable(hit, "its text cannot be read", session);
  const comparison = await compareOutputs({
    root: session.root,
    manifest: entry.manifest,
    known: entry.outputStamps,
  });
  const blocked = comparison.blocked[0];
  if (blocked !== undefined)
    return { kind: "miss", reason: { kind: "output-blocked", path: blocked } };
  const foreign = comparison.edited.filter(
    ({ path }) => !entry.kept.has(path) && !isOwnWork(unit, hit, path),
  );
  const edited = comparison.edited.filter(
    ({ path }) => !entry.kept.has(path) || isOwnWork(unit, hit, path),
  );
  const needed = [...comparison.missing, ...edited];
  const edits = foreign.length === 0 ? [] : withoutWorkOfOthers(unit, foreign, session);
  using _changing = needed.length > 0 ? session.programs.changing() : undefined;
  const failure = needed.length > 0 ? await restore({ hit, needed }, session) : undefined;
  if (failure !== undefined) return failure;
  const absent = removeAbsent(unit, hit);
  if (typeof absent === "string")
    return { kind: "miss", reason: { kind: "restore-failed", detail: absent } };
  const stale = await removeStaleOutputs(unit, hit, session);
  if (absent.length + stale.size > 0) session.programs.noteChange();
  const notes = edits.map((path) => `'${printable(path)}' had been edited; restored`);
  const removed = new Set([...absent, ...stale]);
  return { kind: "restored", hit, texts, notes, comparison, needed, removed };
}

function readTexts({ key, id }: Hit, { cache }: Session): CapturedChunk[][] | undefined {
  return cache.attempt((database) => {
    const bytes = database.entryText(key, id);
    return bytes && decodeText(bytes);
  });
}

function isOwnWork({ tree }: PreparedUnit, { produced }: Hit, path: WorkspacePath): boolean {
  return (
    produced()
      .get(path)
      ?.some((row) => isRowInPlace(tree, row)) === true
  );
}

async function restore(
  { hit, needed }: { readonly hit: Hit; readonly needed: readonly ManifestEntry[] },
  session: Session,
): Promise<Miss | undefined> {
  const { entry } = hit;
  const { root, cache } = session;
  const protectedPaths = new Set(cache.place === undefined ? [] : [cache.place]);
  for (const { path, state, tolerance } of entry.declared)
    if (state.kind === "file" && tolerance === "exact") protectedPaths.add(path);
  for (const { path } of entry.inferred.ofSort("file", "exact")) protectedPaths.add(path);
  for (const { path } of entry.manifest) if (path !== cache.place) protectedPaths.delete(path);
  const { restoreOutputs } = await import("../archive/restore.ts");
  const outcome = await restoreOutputs({
    root,
    archiveDirectory: cache.directory,
    archive: entry.archive,
    manifest: entry.manifest,
    needed,
    stagingDirectory: cache.canWrite ? cache.directory : session.temporary,
    protectedPaths,
  });
  return outcome.kind === "restored" ? undefined : missAfter(outcome, hit, session);
}

function missAfter(
  outcome: Exclude<RestoreOutcome, { readonly kind: "restored" }>,
  hit: Hit,
  session: Session,
): Miss {
  switch (outcome.kind) {
    case "damaged":
      return unusable(hit, outcome.detail, session);
    case "blocked":
      return { kind: "miss", reason: { kind: "output-blocked", path: outcome.path } };
    case "failed":
      session.cache.warn(
        `outputs could not be restored (${outcome.detail}); the task runs instead`,
      );
      return { kind: "miss", reason: { kind: "restore-failed", detail: outcome.detail } };
  }
}

function unusable({ key, id }: Hit, detail: string, { cache }: Session): Miss {
  // Whoever drops it removes the archive first: this waits until they are done.
  const isThere = cache.attempt((database) =>
    cache.canWrite
      ? database.transaction(() => database.entryIds(key).includes(id))
      : database.entryIds(key).includes(id),
  );
  if (isThere === false) return { kind: "miss", reason: { kind: "entry-dropped" } };
  dropEntry(cache, id);
  cache.warn(`a cache entry was damaged and has been dropped (${detail})`);
  return { kind: "miss", reason: { kind: "entry-damaged", detail } };
}

/** Paths that nobody but a person can have changed: what another of our steps left there is no edit. */
function withoutWorkOfOthers(
  { tree }: PreparedUnit,
  rows: readonly ManifestEntry[],
  { cache }: Session,
): WorkspacePath[] {
  const paths = new Set(rows.map(({ path }) => path));
  const records = readTreeRecords(cache) ?? new Map<string, TreeRecord>();
  for (const { owned, overwritten } of records.values())
    for (const { row } of [...owned.values(), ...overwritten.values()])
      if (paths.has(row.path) && isRowInPlace(tree, row)) paths.delete(row.path);
  return [...paths];
}

/**
 * What the run had removed of its own is there again, as the step left it: the look-up made sure of
 * that. Returns the paths, or what the operating system says where one cannot be removed.
 */
function removeAbsent({ tree }: PreparedUnit, { entry }: Hit): readonly WorkspacePath[] | string {
  const paths = [...entry.inferred.ofSort("missing", "own-work")]
    .map(({ path }) => path)
    // Children before the directories that hold them.
    .reverse();
  for (const path of paths) {
    const errno = removeOwn(tree, path);
    if (errno !== undefined && errno !== "ENOENT")
      return `'${printable(path)}' cannot be removed (${errno})`;
  }
  return paths;
}

/** Notes that an entry was used, and what it has put where. */
export function noteUse(unit: PreparedUnit, restored: Restored, session: Session): void {
  const { hit, comparison, needed, removed } = restored;
  session.log.add(
    unit.items[0].step,
    needed.filter(({ kind }) => kind !== "directory").map(({ path }) => path),
  );
  const hasMoved = needed.length > 0 || removed.size > 0;
  const outputStamps = renewedStamps(unit, restored);
  const settled = settle(unit, restored);
  hit.entry.inferred.prove(unit.lookedAtMs);
  recordUse(session.cache, {
    key: hit.key,
    id: hit.id,
    steps: stepUses(unit),
    content:
      hit.isFresh || outputStamps !== undefined
        ? () => encodeRenewed(hit.entry, outputStamps)
        : undefined,
    treeRecord: hasMoved ? withRestored(hit, comparison, removed) : undefined,
    settled,
  });
}

/** The conditions' stamps are renewed where they lie: often nothing else is new. */
function encodeRenewed(entry: StoredEntry, outputStamps: readonly Stamp[] | undefined): Uint8Array {
  if (outputStamps === undefined && entry.declared.length === 0) return entry.bytes;
  return encodeEntry({ ...entry, outputStamps: outputStamps ?? entry.outputStamps });
}

/** The stamps of the outputs that were in place; undefined where they are known. */
function renewedStamps(
  { lookedAtMs }: PreparedUnit,
  { hit, comparison, needed }: Restored,
): readonly Stamp[] | undefined {
  const { manifest, outputStamps } = hit.entry;
  if (needed.length === manifest.length) return undefined;
  // What was put in place is newer than its stamp: it is not taken for what stood there.
  const placed = new Set(needed);
  const stamps = manifest.map((row, index) => {
    const known = outputStamps.at(index) ?? unprovenStamp;
    return placed.has(row) ? known : provenStamp(comparison.stamps[index] ?? known, lookedAtMs);
  });
  const isKnown = stamps.every((stamp, index) => outputStamps.at(index)?.equals(stamp) === true);
  return isKnown ? undefined : stamps;
}

/**
 * What was put where nothing stood is the step's own; what was removed is nobody's. Undefined where that
 * was known before.
 */
function withRestored(
  { treeRecord, entry }: Hit,
  { missing }: OutputComparison,
  removed: ReadonlySet<WorkspacePath>,
): TreeRecord | undefined {
  const made = once(() => new Set(missing.map(({ path }) => path)));
  const news = entry.manifest.filter((row) => {
    const known = treeRecord.owned.get(row.path);
    if (known === undefined) return made().has(row.path);
    return !isSameRow(known.row, row);
  });
  if (news.length === 0 && removed.size === 0) return undefined;
  const owned = new Map<WorkspacePath, OwnedPath>(treeRecord.owned);
  for (const row of news) owned.set(row.path, { row, stamp: unprovenStamp });
  for (const path of removed) owned.delete(path);
  return { ...treeRecord, owned };
}
