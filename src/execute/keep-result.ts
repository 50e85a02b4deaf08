import { type CreateOutcome, createArchive } from "../archive/create.ts";
import { type AbsolutePath, comparePaths, type WorkspacePath } from "../base/path.ts";
import type { EntryContent, EntryItem } from "../cache/entry.ts";
import { type Programs, programUses } from "../cache/programs.ts";
import { describeRow } from "../cache/row.ts";
import type { SkipReason } from "../cache/skip.ts";
import {
  discardArchive,
  dropEntry,
  recordRun,
  recordSteps,
  storeEntry,
  takeBack,
} from "../cache/store.ts";
import type { OwnedPath, TreeRecord } from "../cache/tree-record.ts";
import { provenAt } from "../fingerprint/clock.ts";
import type { Condition } from "../fingerprint/condition.ts";
import { Tree } from "../fingerprint/tree.ts";
import { isSameStamp, type Stamp, unprovenStamp } from "../native/stamp.ts";
import type { Observation } from "../observe/findings.ts";
import type { Step } from "../plan/step.ts";
import { displayTaskId } from "../task/task.ts";
import type { CachedItem } from "./cached-item.ts";
import type { StoreResult } from "./event.ts";
import { findingsOf } from "./findings.ts";
import { stepUses } from "./prepared-unit.ts";
import type { Conflict, Writer } from "./run-log.ts";
import type { Session } from "./session.ts";
import type { ItemRun } from "./spawn-traced.ts";
import { decideStore } from "./store-decision.ts";
import { startedBy, type UnitRun } from "./unit-run.ts";

/** A run, and what it turned out to be in the tree that it left. */
export type SeenRun = {
  readonly run: UnitRun;
  readonly after: Tree;
  readonly observation: Observation;
  /** It turned out to be one with something before it that was replayed. */
  readonly hasReplayedPart: boolean;
};

/** Looks at what a run that has just ended depends on and has produced. */
export function lookAtRun(run: UnitRun, session: Session): SeenRun {
  using _ = session.profile.begin("hash", stepOf(run));
  const after = new Tree(session.root, session.hashes);
  return { run, after, observation: findingsOf(run, after, session), hasReplayedPart: false };
}

/** What it is shown under in a profile. */
function stepOf(run: UnitRun): Step {
  return run.items[0].item.step;
}

/** What became of a result. `writer` has its entry. */
export type Kept = { readonly store: StoreResult; readonly writer: Writer };

/** Stores what a run produced, or says why not. Either way remembers what it left in the tree. */
export async function keepResult(seen: SeenRun, session: Session): Promise<Kept> {
  const { run, observation } = seen;
  const { step } = (run.items.at(-1) ?? run.items[0]).item;
  const { writer, conflict } = session.log.add(step, observation.findings.written);
  if (conflict !== undefined) revoke(conflict, step, session);
  const reason =
    decideStore({
      ...seen,
      canWrite: session.cache.canWrite,
      problem: observation.problem,
      conflict: conflict && { path: conflict.path, by: displayTaskId(conflict.writer.step.task) },
      writerOf: (path) => session.log.writerOf(path, step),
    }) ?? (await storeRun(seen, writer, session));
  if (reason === undefined) return { store: { kind: "stored" }, writer };
  remember(seen, reason, session);
  return { store: { kind: "not-stored", reason }, writer };
}

/** Of a run that turned out to be part of a larger one: as if it had never been looked at alone. */
export function takeBackResult(run: UnitRun, { writer }: Kept, { cache }: Session): void {
  takeBack(cache, { key: run.unit.key, id: writer.entry?.id, treeRecord: run.before.ownRecord });
  writer.entry = undefined;
}

/** The step that came first is no better off: which of the two had the last word was chance. */
function revoke({ path, writer }: Conflict, step: Step, session: Session): void {
  const reason: SkipReason = { kind: "written-by-another", path, by: displayTaskId(step.task) };
  writer.rivalry = reason;
  if (writer.entry === undefined) return;
  const { id, steps } = writer.entry;
  dropEntry(session.cache, id);
  recordSteps(
    session.cache,
    steps.map((use) => ({ ...use, record: { ...use.record, notStored: reason } })),
  );
  session.emit({ kind: "store-revoked", step: writer.step, reason });
}

async function storeRun(
  seen: SeenRun,
  writer: Writer,
  session: Session,
): Promise<SkipReason | undefined> {
  const { cache } = session;
  const { run, observation } = seen;
  const programs = session.programs.now();
  const items = run.items.map((item) => entryItem(item, observation, programs));
  if (!areAllKnown(items))
    return { kind: "cache-trouble", detail: "a program it ran cannot be read" };
  const archived = await archive(seen, session);
  const reason = storeArchived(seen, { writer, archived, items }, session);
  if (reason !== undefined && archived.kind === "created" && archived.archive !== undefined)
    discardArchive(cache, archived.archive.digest);
  return reason;
}

/** Outputs must be as they were when the last process ended. */
async function archive(
  { run, after, observation }: SeenRun,
  { root, cache, profile }: Session,
): Promise<CreateOutcome> {
  using _ = profile.begin("archive", stepOf(run));
  const paths = observation.findings.outputs;
  const seen = (places: readonly AbsolutePath[]): Stamp[] => {
    after.prefetch(places);
    return places.map((path) => after.stamp(path));
  };
  return await createArchive({ root, paths, seen, directory: cache.directory });
}

/** Undefined when a program that it ran cannot be read. */
function entryItem(
  run: ItemRun,
  { findings }: Observation,
  programs: Programs,
): EntryItem | undefined {
  const { item, outcome, declarations } = run;
  const started = [...startedBy(run, findings.programs), ...ownProgram(item)];
  const uses = programUses(programs, started, item.search);
  const durationMs = outcome.kind === "exited" ? outcome.durationMs : 0;
  return uses && { programs: uses, asked: declarations.asked, durationMs };
}

function areAllKnown(items: readonly (EntryItem | undefined)[]): items is readonly EntryItem[] {
  return items.every((item) => item !== undefined);
}

type Archived = {
  readonly writer: Writer;
  readonly archived: CreateOutcome;
  readonly items: readonly EntryItem[];
};

function storeArchived(
  seen: SeenRun,
  { writer, archived, items }: Archived,
  session: Session,
): SkipReason | undefined {
  const { run, observation } = seen;
  using _ = session.profile.begin("store", stepOf(run));
  // While the outputs were being archived, another step may have turned out to write them, too.
  if (writer.rivalry !== undefined) return writer.rivalry;
  if (archived.kind !== "created") return archived;
  const changed = firstChanged(seen);
  if (changed !== undefined) return changed;
  const prove = provenAt(session.now());
  const entry: EntryContent = {
    declared: proven(run.unit.declared, prove),
    inferred: proven(observation.findings.conditions, prove),
    items,
    manifest: archived.manifest,
    outputStamps: archived.stamps.map(prove),
    created: observation.findings.created,
    kept: observation.findings.kept,
    archive: archived.archive,
  };
  const rows = archived.manifest.map((row, index) => ({
    row,
    stamp: entry.outputStamps.at(index) ?? unprovenStamp,
  }));
  const steps = stepUses(run.unit);
  const id = storeEntry(session.cache, {
    key: run.unit.key,
    steps,
    treeRecord: nextTreeRecord(seen, rows),
    entry,
    text: run.items.map(({ text }) => (text.kind === "complete" ? text.chunks : [])),
  });
  if (id === undefined) return { kind: "cache-trouble", detail: "the entry could not be written" };
  writer.entry = { id, steps };
  return undefined;
}

/** Inputs must be as they were when they were hashed. */
function firstChanged({ run, after, observation }: SeenRun): SkipReason | undefined {
  const now = after.again();
  const hashed = [...run.unit.declared, ...observation.findings.conditions].filter(
    ({ state }) => state.kind === "file",
  );
  now.prefetch(hashed.map(({ path }) => now.at(path)));
  const changed = hashed.find(
    ({ path }) => !isSameStamp(now.stamp(now.at(path)), after.stamp(after.at(path))),
  );
  return changed && { kind: "input-changed", path: changed.path };
}

/** With a tracer, the program shows in the trace; without, it is the only one that is known. */
function ownProgram({ program, policy }: CachedItem): AbsolutePath[] {
  return policy.input.isAuto || policy.output.isAuto ? [] : [program];
}

function remember(seen: SeenRun, reason: SkipReason, session: Session): void {
  const { run, after, observation } = seen;
  const { findings } = observation;
  const prove = provenAt(session.now());
  // What may be made of somebody else's content is nobody's work.
  const isWork = (path: WorkspacePath): boolean =>
    findings.created.has(path) || observation.problem === undefined;
  const rows = findings.outputs.filter(isWork).flatMap((path) => {
    const row = describeRow(after, path);
    return row === undefined ? [] : [{ row, stamp: prove(after.stamp(after.at(path))) }];
  });
  recordRun(session.cache, {
    key: run.unit.key,
    steps: stepUses(run.unit, reason),
    treeRecord: nextTreeRecord(seen, rows),
  });
}

/** What the step created is its own from now on; what it owned and has neither removed nor replaced stays its own. */
function nextTreeRecord(
  { run: { before }, observation: { findings, overlaps } }: SeenRun,
  rows: readonly OwnedPath[],
): TreeRecord {
  const gone = new Set(findings.removed);
  const owned = new Map<WorkspacePath, OwnedPath>();
  for (const [path, owner] of before.record.owned)
    if (before.owned.has(path) && !gone.has(path)) owned.set(path, owner);
  const others: OwnedPath[] = [];
  for (const owner of rows) {
    if (findings.created.has(owner.row.path)) owned.set(owner.row.path, owner);
    else others.push(owner);
  }
  const overwritten = new Map<WorkspacePath, OwnedPath>();
  for (const [path, row] of before.record.overwritten)
    if (before.overwritten.has(path)) overwritten.set(path, row);
  const written = new Set(others.length === 0 ? [] : findings.written);
  for (const row of others)
    if (written.has(row.row.path) && !owned.has(row.row.path)) overwritten.set(row.row.path, row);
  return {
    owned,
    overlaps: [...new Set([...before.overlapped.keys(), ...overlaps])].sort(comparePaths),
    overwritten,
  };
}

function proven(conditions: readonly Condition[], prove: (stamp: Stamp) => Stamp): Condition[] {
  return conditions.map((condition) => ({ ...condition, stamp: prove(condition.stamp) }));
}
