import { errnoOf } from "../base/file.ts";
import type { Lookup } from "../cache/lookup.ts";
import { beginRunning } from "../cache/running.ts";
import { matchFiles } from "../fingerprint/declared.ts";
import { lookBefore } from "./before-run.ts";
import type { Cancellation } from "./cancellation.ts";
import { type CacheStatus, didSucceed, type StepOutcome, type StoreResult } from "./event.ts";
import { findingsOf } from "./findings.ts";
import { describeIdlePattern, findIdlePatterns } from "./idle-patterns.ts";
import { keepResult, lookAtRun, type SeenRun, takeBackResult } from "./keep-result.ts";
import { findResult, type PreparedUnit, prepare } from "./prepared-unit.ts";
import type { NotStarted } from "./program-memo.ts";
import { noteUse, restoreHit } from "./replay.ts";
import type { FinishedRun, RowUnit } from "./row.ts";
import { runUncached } from "./run-uncached.ts";
import type { Session } from "./session.ts";
import { noteReplay, type Run, revoke, showReplay } from "./show-replay.ts";
import { type ItemRun, spawnTraced } from "./spawn-traced.ts";
import { summarizeTools } from "./tool-summary.ts";
import { type Touches, touchesOfRun } from "./touches.ts";
import { hasEndedWell, joinRuns, type UnitRun } from "./unit-run.ts";

/**
 * The life of a unit, mostly of one step: look it up; on a hit put its outputs back and print its text
 * again; else run it, watch it, and keep the result if nothing speaks against it. Returns what became
 * of the last of its steps that began.
 */
export async function runUnit(unit: RowUnit, run: Run): Promise<StepOutcome> {
  const { session } = run;
  const { prepared, lookup } = lookUp(unit, session);
  const restored = lookup.kind === "hit" ? await restoreHit(prepared, lookup, session) : lookup;
  if (restored.kind === "miss") return await execute(unit, prepared, { status: restored, run });
  const durationsMs =
    lookup.kind === "hit" ? lookup.entry.items.map((item) => item.durationMs) : [];
  const outcome = await showReplay(unit, { ...restored, durationsMs }, run);
  noteUse(prepared, restored, session);
  noteReplay(unit, restored.hit.entry, run);
  return outcome;
}

function lookUp(
  { items: [first, ...others] }: RowUnit,
  session: Session,
): { readonly prepared: PreparedUnit; readonly lookup: Lookup } {
  using _ = session.profile.begin("look-up", first.step);
  const prepared = prepare([first, ...others], session);
  return { prepared, lookup: findResult(prepared, session) };
}

type Execution = {
  readonly status: Extract<CacheStatus, { readonly kind: "miss" }>;
  readonly run: Run;
};

/** Runs the steps until one fails or the run is stopped. What came of all is told with the last. */
async function execute(
  unit: RowUnit,
  prepared: PreparedUnit,
  { status, run }: Execution,
): Promise<StepOutcome> {
  const { row, cancellation, session } = run;
  const runs: ItemRun[] = [];
  const keys = unit.items.map(({ key }) => key);
  row.begin();
  using _ = session.programs.changing();
  const running = beginRunning(session.cache, keys, session.pid);
  const before = lookBefore(prepared, session);
  const end = async (): Promise<StoreResult | undefined> => {
    const isShared = running.end() === "shared" || (keys.length > 1 && row.isShared());
    const [first, ...others] = runs;
    if (first === undefined) return undefined;
    const stopped = stopOf(cancellation);
    const items = [first, ...others] as const;
    return await keep(unit, { unit: prepared, before, items, stopped, isShared }, run);
  };
  let outcome: StepOutcome | undefined;
  for (const step of unit.steps) {
    if (outcome !== undefined && cancellation.cause() !== undefined) {
      await end();
      return { kind: "cancelled" };
    }
    const item = row.itemOf(step);
    if (item === undefined) {
      outcome = await runUncached(step, cancellation, session);
      continue;
    }
    session.emit({ kind: "step-started", step, status });
    const ran = await spawnTraced(item, cancellation, session);
    if (ran.kind === "finished") runs.push(ran);
    const hasFailed = ran.kind !== "finished" || !didSucceed(ran.outcome);
    const isLast = hasFailed || step === unit.steps.at(-1);
    const store = isLast ? await end() : undefined;
    outcome = outcomeOf(ran, store, session);
    session.emit({ kind: "step-finished", step, status, outcome });
    if (isLast) return outcome;
  }
  await end();
  return outcome ?? { kind: "cancelled" };
}

function stopOf(cancellation: Cancellation): UnitRun["stopped"] {
  switch (cancellation.cause()?.kind) {
    case "step-failed":
      return "cancelled";
    case "interrupted":
      return "interrupted";
    default:
      return undefined; // What took too long has failed.
  }
}

function outcomeOf(
  ran: ItemRun | NotStarted,
  store: StoreResult | undefined,
  session: Session,
): StepOutcome {
  if (ran.kind === "not-started") return ran;
  if (ran.outcome.kind !== "exited") return ran.outcome;
  const tools = summarizeTools(ran, session);
  return { ...ran.outcome, ...(store && { store }), ...withoutRing(ran), ...(tools && { tools }) };
}

function withoutRing({ sight }: ItemRun): { readonly withoutRing?: readonly string[] } {
  const programs = sight.kind === "traced" ? sight.trace.withoutRing : [];
  return programs.length === 0 ? {} : { withoutRing: programs };
}

/** What goes wrong on the disk once the processes have ended must not cost their exit code. */
async function keep(unit: RowUnit, unitRun: UnitRun, run: Run): Promise<StoreResult> {
  try {
    return await keepJoined(unit, unitRun, run);
  } catch (error) {
    const detail = errnoOf(error);
    if (detail === undefined) throw error;
    return { kind: "not-stored", reason: { kind: "cache-trouble", detail } };
  }
}

/** Keeps the result of a unit and of those before it which it turns out to be one with. */
async function keepJoined(
  unit: RowUnit,
  unitRun: UnitRun,
  { row, session }: Run,
): Promise<StoreResult> {
  const alone = lookAtRun(unitRun, session);
  const met = row.meet(unit, () => touchesOf(alone));
  const earlier = met === "unwatched" ? [] : met;
  const seen = join(earlier, alone, { row, session });
  for (const one of earlier) takeBackResult(one.unitRun, one.kept, session);
  const kept = await keepResult({ ...seen, hasReplayedPart: met === "unwatched" }, session);
  if (kept.store.kind === "not-stored") revoke(earlier, kept.store.reason, session);
  const from = unit.to + 1 - seen.run.unit.items.length;
  row.finish({ from, to: unit.to }, () => touchesOf(seen), { unitRun: seen.run, kept });
  // What an earlier part does not find, a later one may make.
  if (row.isLast(unit) && hasEndedWell(seen.run)) warnOfIdlePatterns(seen, session);
  return kept.store;
}

function warnOfIdlePatterns({ run, after }: SeenRun, session: Session): void {
  const { unit } = run;
  const idle = findIdlePatterns(unit, after, matchFiles(after, unit.policy.output));
  for (const pattern of idle)
    session.emit({
      kind: "warning",
      text: describeIdlePattern(pattern, unit.items[0].step.task),
    });
}

/** The whole of what ran, seen in the tree that the last of it left. */
function join(
  earlier: readonly FinishedRun[],
  alone: SeenRun,
  { row, session }: Pick<Run, "row" | "session">,
): SeenRun {
  const [first, ...others] = earlier.map(({ unitRun }) => unitRun);
  if (first === undefined) return alone;
  const joined = joinRuns([first, ...others, alone.run], session);
  const run = { ...joined, isShared: joined.isShared || row.isShared() };
  return { ...alone, run, observation: findingsOf(run, alone.after, session) };
}

function touchesOf({ run, observation }: SeenRun): Touches {
  return touchesOfRun(observation.findings, run.unit.declared);
}
