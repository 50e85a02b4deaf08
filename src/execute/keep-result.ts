import { type CreateOutcome, createArchive } from "../archive/create.ts";
import type { ManifestEntry } from "../archive/manifest.ts";
import { comparePaths, type WorkspacePath } from "../base/path.ts";
import type { EntryContent, ProgramUse } from "../cache/entry.ts";
import { programUses } from "../cache/programs.ts";
import { describeRow } from "../cache/row.ts";
import type { SkipReason } from "../cache/skip.ts";
import { discardArchive, dropEntry, recordRun, storeEntry } from "../cache/store.ts";
import type { OwnedPath, TreeRecord } from "../cache/tree-record.ts";
import { provenStamp } from "../fingerprint/clock.ts";
import type { Condition } from "../fingerprint/condition.ts";
import { Tree } from "../fingerprint/tree.ts";
import { isSameStamp, type Stamp, unprovenStamp } from "../native/stamp.ts";
import type { Observation } from "../observe/findings.ts";
import type { Step } from "../plan/step.ts";
import { displayTaskId } from "../task/task.ts";
import type { StoreResult } from "./event.ts";
import { findingsOf } from "./findings.ts";
import type { PreparedStep } from "./prepared-step.ts";
import type { Conflict, Writer } from "./run-log.ts";
import type { Session } from "./session.ts";
import type { FinishedRun } from "./spawn-traced.ts";
import { decideStore } from "./store-decision.ts";

/** Stores what a run produced, or says why not. Either way remembers what it left in the tree. */
export async function keepResult(
  prepared: PreparedStep,
  run: FinishedRun,
  session: Session,
): Promise<StoreResult> {
  const after = new Tree(session.root, session.hashes);
  const observation = findingsOf(prepared, run, after, session);
  const { step } = prepared;
  const { writer, conflict } = session.log.add(step, observation.findings.written);
  if (conflict !== undefined) revoke(conflict, step, session);
  const reason =
    decideStore({
      run,
      canWrite: session.cache.canWrite,
      problem: observation.problem,
      conflict: conflict && { path: conflict.path, by: displayTaskId(conflict.writer.step.task) },
      writerOf: (path) => session.log.writerOf(path, step),
    }) ?? (await storeRun(prepared, run, { after, observation, writer }, session));
  if (reason === undefined) return { kind: "stored" };
  remember(prepared, run, { after, observation, reason }, session);
  return { kind: "not-stored", reason };
}

/** The step that came first is no better off: which of the two had the last word was chance. */
function revoke({ path, writer }: Conflict, step: Step, session: Session): void {
  writer.rivalry = { kind: "written-by-another", path, by: displayTaskId(step.task) };
  if (writer.entryId === undefined) return;
  dropEntry(session.cache, writer.entryId);
  session.emit({ kind: "store-revoked", step: writer.step, reason: writer.rivalry });
}

type Seen = { readonly after: Tree; readonly observation: Observation };

async function storeRun(
  prepared: PreparedStep,
  run: FinishedRun,
  { after, observation, writer }: Seen & { readonly writer: Writer },
  session: Session,
): Promise<SkipReason | undefined> {
  const { cache, root } = session;
  const { findings } = observation;
  const programs = programUses(cache, after, {
    programs: [...findings.programs, ...ownProgram(prepared)],
    search: prepared.search,
  });
  if (programs === undefined)
    return { kind: "cache-trouble", detail: "a program it ran cannot be read" };
  const archived = await createArchive({
    root,
    paths: findings.outputs,
    directory: cache.directory,
  });
  const reason = storeArchived(
    prepared,
    run,
    { after, observation, writer, archived, programs },
    session,
  );
  if (reason !== undefined && archived.kind === "created" && archived.archive !== undefined)
    discardArchive(cache, archived.archive.digest);
  return reason;
}

type Archived = Seen & {
  readonly writer: Writer;
  readonly archived: CreateOutcome;
  readonly programs: readonly ProgramUse[];
};

function storeArchived(
  prepared: PreparedStep,
  run: FinishedRun,
  { after, observation, writer, archived, programs }: Archived,
  session: Session,
): SkipReason | undefined {
  // While the outputs were being archived, another step may have turned out to write them, too.
  if (writer.rivalry !== undefined) return writer.rivalry;
  if (archived.kind !== "created") return archived;
  const changed = firstChanged(prepared, { after, observation }, archived);
  if (changed !== undefined) return changed;
  const prove = (stamp: Stamp): Stamp => provenStamp(stamp, session.now());
  const entry: EntryContent = {
    declared: proven(prepared.declared, prove),
    inferred: proven(observation.findings.conditions, prove),
    programs,
    asked: run.declarations.asked,
    manifest: archived.manifest,
    outputStamps: archived.stamps.map(prove),
    created: observation.findings.created,
    kept: observation.findings.kept,
    archive: archived.archive,
    durationMs: run.outcome.kind === "exited" ? run.outcome.durationMs : 0,
  };
  const rows = archived.manifest.map((row, index) => ({
    row,
    stamp: entry.outputStamps[index] ?? unprovenStamp,
  }));
  writer.entryId = storeEntry(session.cache, {
    key: prepared.key,
    step: prepared.stepDigest,
    stepRecord: { key: prepared.key, fingerprint: prepared.fingerprint },
    treeRecord: nextTreeRecord(run, observation, rows),
    entry,
    text: run.text.kind === "complete" ? run.text.chunks : [],
  });
  return writer.entryId === undefined
    ? { kind: "cache-trouble", detail: "the entry could not be written" }
    : undefined;
}

/** Outputs must be as they were when the last process ended, inputs as they were when they were hashed. */
function firstChanged(
  prepared: PreparedStep,
  { after, observation }: Seen,
  archived: { readonly manifest: readonly ManifestEntry[]; readonly stamps: readonly Stamp[] },
): SkipReason | undefined {
  for (const [index, { path, kind }] of archived.manifest.entries()) {
    const stamp = archived.stamps[index];
    // A directory's times change with whatever others do in it.
    if (kind === "directory" || stamp === undefined) continue;
    if (!isSameStamp(stamp, after.stamp(after.at(path)))) return { kind: "output-changed", path };
  }
  const now = after.again();
  const hashed = [...prepared.declared, ...observation.findings.conditions].filter(
    ({ state }) => state.kind === "file",
  );
  now.prefetch(hashed.map(({ path }) => now.at(path)));
  const changed = hashed.find(
    ({ path }) => !isSameStamp(now.stamp(now.at(path)), after.stamp(after.at(path))),
  );
  return changed && { kind: "input-changed", path: changed.path };
}

/** With a tracer, the program shows in the trace; without, it is the only one that is known. */
function ownProgram({ program, policy }: PreparedStep): PreparedStep["program"][] {
  return policy.input.isAuto || policy.output.isAuto ? [] : [program];
}

function remember(
  prepared: PreparedStep,
  run: FinishedRun,
  { after, observation, reason }: Seen & { readonly reason: SkipReason },
  session: Session,
): void {
  const { findings } = observation;
  const prove = (stamp: Stamp): Stamp => provenStamp(stamp, session.now());
  const rows = findings.outputs.flatMap((path) => {
    const row = findings.created.has(path) ? describeRow(after, path) : undefined;
    return row === undefined ? [] : [{ row, stamp: prove(after.stamp(after.at(path))) }];
  });
  recordRun(session.cache, {
    key: prepared.key,
    step: prepared.stepDigest,
    stepRecord: { key: prepared.key, fingerprint: prepared.fingerprint, notStored: reason },
    treeRecord: nextTreeRecord(run, observation, rows),
  });
}

/** What the step created is its own from now on; what it owned and has neither removed nor replaced stays its own. */
function nextTreeRecord(
  { before }: FinishedRun,
  { findings, overlaps }: Observation,
  rows: readonly OwnedPath[],
): TreeRecord {
  const gone = new Set(findings.removed);
  const owned = new Map<WorkspacePath, OwnedPath>();
  for (const [path, owner] of before.record.owned)
    if (before.owned.has(path) && !gone.has(path)) owned.set(path, owner);
  for (const owner of rows)
    if (findings.created.has(owner.row.path)) owned.set(owner.row.path, owner);
  const overwritten = new Map<WorkspacePath, OwnedPath>();
  for (const [path, row] of before.record.overwritten)
    if (before.overwritten.has(path)) overwritten.set(path, row);
  const written = new Set(findings.written);
  for (const row of rows)
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
