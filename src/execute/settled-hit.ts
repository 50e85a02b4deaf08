import { type CapturedChunk, decodeText } from "../cache/captured-text.ts";
import { areMetConditions } from "../cache/check.ts";
import type { EntryContent } from "../cache/entry.ts";
import { unitKey } from "../cache/key.ts";
import { changedItem, readEntry } from "../cache/lookup.ts";
import type { SettledEntry } from "../cache/settled.ts";
import type { Condition } from "../fingerprint/condition.ts";
import { matchFiles } from "../fingerprint/declared.ts";
import { Exclusions } from "../fingerprint/exclusions.ts";
import { Tree } from "../fingerprint/tree.ts";
import { areMet, packRelative } from "../native/expectation.ts";
import type { StepOutcome } from "./event.ts";
import type { UnitItems } from "./prepared-unit.ts";
import type { RowUnit } from "./row.ts";
import type { Session, SettledUse } from "./session.ts";
import { noteReplay, type Run, showReplay } from "./show-replay.ts";

/**
 * Replays a unit whose last look-up would end as it did: in a hit, everything in place. Undefined means
 * that it has to be looked up.
 */
export async function replayIfSettled(unit: RowUnit, run: Run): Promise<StepOutcome | undefined> {
  const { row, session } = run;
  const hit = findSettledHit(unit.items, session, { isEntryNeeded: !row.isWhole(unit) });
  if (hit === undefined) return undefined;
  const outcome = await showReplay(unit, { ...hit, notes: [] }, run);
  session.uses.push(hit.use);
  const { entry } = hit;
  if (entry === undefined) return outcome;
  noteReplay(unit, entry, run);
  return outcome;
}

/** A hit with nothing to put in place. */
type SettledHit = {
  readonly use: SettledUse;
  /** What each item printed, and how long it took. */
  readonly texts: readonly (readonly CapturedChunk[])[];
  readonly durationsMs: readonly number[];
  readonly entry: EntryContent | undefined;
};

/** Costs a single native call. The entry is read along where `isEntryNeeded`. */
function findSettledHit(
  items: UnitItems,
  session: Session,
  { isEntryNeeded }: { readonly isEntryNeeded: boolean },
): SettledHit | undefined {
  if (items[0].isForced || items[0].wantedProgram !== undefined) return undefined;
  using _ = session.profile.begin("look-up", items[0].step);
  const { cache } = session;
  const key = unitKey(items.map((item) => item.key));
  const steps = items.map(({ stepDigest }) => stepDigest);
  const settled = session.planned.settled({ key, steps });
  if (settled === undefined || !isStillSo(settled, items, session)) return undefined;
  const texts = cache.attempt((database) => {
    const bytes = settled.text ?? database.entryText(key, settled.id);
    return bytes && decodeText(bytes);
  });
  const entry = isEntryNeeded ? readEntry(cache, key, settled.id) : undefined;
  if (texts === undefined || (isEntryNeeded && entry === undefined)) return undefined;
  const durationsMs = settled.items.map(({ durationMs }) => durationMs);
  const use = {
    ...{ key, id: settled.id, usedMs: settled.usedMs, steps },
    expectations: settled.expectations,
    hasConditions: settled.conditions.length > 0,
    input: items[0].policy.input,
  };
  return { use, texts, durationsMs, entry };
}

function isStillSo(settled: SettledEntry, items: UnitItems, session: Session): boolean {
  const { root } = session;
  return (
    areMet(root, settled.expectations) &&
    areSameDeclared(settled, items, session) &&
    (settled.conditions.length === 0 || areTrue(settled.conditions, session)) &&
    items.every((item, index) => {
      const stored = settled.items[index];
      return changedItem(session.programs.now(), { item, stored }) === undefined;
    })
  );
}

/** The content of these files is among the expectations: here it is asked whether they are the same files. */
function areSameDeclared(
  { expectations: { paths }, declaredCount }: SettledEntry,
  [{ policy }]: UnitItems,
  { root, hashes }: Session,
): boolean {
  if (declaredCount === 0 && policy.input.positive.length === 0) return true;
  const matched = matchFiles(new Tree(root, hashes), policy.input);
  if (matched.length !== declaredCount) return false;
  const packed = packRelative(matched);
  return packed.equals(paths.subarray(0, packed.length));
}

function areTrue(conditions: readonly Condition[], { root, hashes, cache }: Session): boolean {
  const tree = new Tree(root, hashes);
  const isNever = (): boolean => false;
  return areMetConditions(conditions, {
    tree,
    exclusions: new Exclusions(tree, cache.place),
    isOwn: isNever,
    holdsOwnWork: isNever,
    isAsLeft: isNever,
  });
}
