import type { CapturedChunk } from "../cache/captured-text.ts";
import type { EntryContent } from "../cache/entry.ts";
import type { SkipReason } from "../cache/skip.ts";
import { recordSteps } from "../cache/store.ts";
import type { Cancellation } from "./cancellation.ts";
import type { CacheStatus, StepOutcome } from "./event.ts";
import { stepUses } from "./prepared-unit.ts";
import type { FinishedRun, Row, RowUnit } from "./row.ts";
import { runUncached } from "./run-uncached.ts";
import type { Session } from "./session.ts";
import { touchesOfEntry } from "./touches.ts";

/** What a unit is run with. */
export type Run = {
  readonly row: Row;
  readonly cancellation: Cancellation;
  readonly session: Session;
};

/** A result that is shown again. */
type Replay = {
  /** What each item printed, and how long it took. */
  readonly texts: readonly (readonly CapturedChunk[])[];
  readonly durationsMs: readonly number[];
  /** What a person should be told. */
  readonly notes: readonly string[];
};

/** What a unit that was replayed is to its row. */
export function noteReplay(unit: RowUnit, entry: EntryContent, { row, session }: Run): void {
  const earlier = row.replay(unit, () => touchesOfEntry(entry));
  if (earlier.length === 0) return;
  const reason: SkipReason = { kind: "part-replayed" };
  revoke(earlier, reason, session);
  recordSteps(
    session.cache,
    earlier.flatMap(({ unitRun }) => stepUses(unitRun.unit, reason)),
  );
}

/** They had been told that they were stored. */
export function revoke(
  earlier: readonly FinishedRun[],
  reason: SkipReason,
  session: Session,
): void {
  for (const { unitRun, kept } of earlier) {
    const step = unitRun.items.at(-1)?.item.step;
    if (kept.store.kind === "stored" && step !== undefined)
      session.emit({ kind: "store-revoked", step, reason });
  }
}

/** Prints what the unit printed, item by item. */
export async function showReplay(
  { steps }: RowUnit,
  { texts, notes, durationsMs }: Replay,
  { row, cancellation, session }: Run,
): Promise<StepOutcome> {
  const status: CacheStatus = { kind: "hit" };
  using _ = session.profile.begin("replay", steps[0]);
  let position = 0;
  let outcome: StepOutcome = { kind: "replayed", savedMs: 0 };
  for (const step of steps) {
    if (row.itemOf(step) === undefined) {
      await runUncached(step, cancellation, session);
      continue;
    }
    session.emit({ kind: "step-started", step, status });
    if (position === 0) for (const text of notes) session.emit({ kind: "note", step, text });
    for (const { stream, bytes } of texts[position] ?? [])
      session.emit({ kind: "output", step, stream, bytes });
    outcome = { kind: "replayed", savedMs: durationsMs[position] ?? 0 };
    session.emit({ kind: "step-finished", step, status, outcome });
    position += 1;
  }
  return outcome;
}
