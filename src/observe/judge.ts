import { hasWholeSeconds, provenStamp } from "../fingerprint/clock.ts";
import type { Tolerance } from "../fingerprint/condition.ts";
import {
  isSameContent,
  isSameInode,
  isSameStamp,
  type Stamp,
  stampKind,
  unprovenStamp,
} from "../native/stamp.ts";
import type { ChangeClock } from "./context.ts";
import type { Problem } from "./findings.ts";
import type { PathHistory } from "./history.ts";

/** All that decides what a path was to a run. */
export type PathFacts = {
  readonly history: PathHistory;
  /** As the path is after the run. */
  readonly now: Stamp;
  /** The step had made it in an earlier run and nobody else had changed it since. */
  readonly isOwned: boolean;
  /** It was hashed before the run and holds the same now. */
  readonly hasEndedAsItBegan: boolean;
  /** Its directory, or it itself, was listed and emptied by the run. */
  readonly isEmptied: boolean;
  /** It, or a directory above it, was looked for by its own name and was not there. */
  readonly isSought: boolean;
  readonly countsAsInput: boolean;
  readonly countsAsOutput: boolean;
  /** A negative pattern or a tool's word takes the path out of one side: no overlap then. */
  readonly isOverlapDissolved: boolean;
  readonly clock: ChangeClock;
};

export type Verdict = {
  readonly condition?: {
    readonly on: "state" | "listing" | "missing";
    readonly tolerance: Tolerance;
  };
  readonly isOutput?: boolean;
  readonly isCreated?: boolean;
  /** The step's own from an earlier run. */
  readonly isRemoved?: boolean;
  /** The run made it and removed it, without looking what is there: it would do so to anything. */
  readonly isScratch?: boolean;
  readonly problem?: Problem["kind"];
};

/** Whether the run really changed the path: one that was only opened for writing may not have been. */
export function isChanged(history: PathHistory, now: Stamp): boolean {
  if (history.firstChange === undefined) return false;
  if (history.isUntimed) return true;
  // Nor one where nobody learnt whether the call succeeded.
  const mayBeNothing = history.isOnlyOpened || (!history.isCertain && stampKind(now) !== "missing");
  return !(mayBeNothing && history.before !== undefined && isSameStamp(history.before, now));
}

const made: Verdict = { isOutput: true, isCreated: true };
const nothing: Verdict = {};

/**
 * What `judge` says where the run made a file without having looked whether something stood there: most of what
 * is written is like that, and all that matters then is whether it counts as output. Undefined for everything else.
 */
export function judgePlainly(
  history: PathHistory,
  now: Stamp,
  doesCount: () => boolean,
): Verdict | undefined {
  const { firstChange, before, look, isDirectoryMade, hasChanged } = history;
  const isPlain =
    hasChanged &&
    firstChange === "write-whole" &&
    before !== undefined &&
    stampKind(before) === "missing" &&
    look === undefined &&
    !isDirectoryMade &&
    stampKind(now) === "file";
  if (!isPlain) return undefined;
  return doesCount() ? made : nothing;
}

/** Decides by the rules of `docs/caching.md`. Pure. */
export function judge(facts: PathFacts): Verdict {
  return isChanged(facts.history, facts.now) ? judgeChanged(facts) : judgeLooked(facts);
}

function judgeLooked(facts: PathFacts): Verdict {
  const { history, now, clock } = facts;
  const isUntouched = history.look === undefined && history.firstChange === undefined;
  if (!facts.countsAsInput || isUntouched) return {};
  if (history.isInconsistent) return { problem: "input-changed" };
  const isThere = stampKind(now) !== "missing";
  const look = history.look ?? {
    isPresent: true,
    ...(history.before && { stamp: history.before }),
  };
  if (look.isPresent !== isThere) return { problem: "input-changed" };
  const isSame =
    history.isHardLinked && look.stamp !== undefined
      ? isSameContent(look.stamp, now)
      : !hasChangedSince(look.stamp, now, clock);
  if (isThere && !isSame) return { problem: "input-changed" };
  const on = history.isListed ? "listing" : "state";
  return { condition: { on, tolerance: facts.isOwned ? "may-be-missing" : "exact" } };
}

/** In doubt, yes. A directory's times change with its entries, which are conditions of their own. */
export function hasChangedSince(seen: Stamp | undefined, now: Stamp, clock: ChangeClock): boolean {
  const kind = stampKind(now);
  if (kind === "directory")
    return seen !== undefined && !(stampKind(seen) === "directory" && isSameInode(seen, now));
  if (seen === undefined || !clock.isFine || hasWholeSeconds(now)) {
    if (provenStamp(now, Number(clock.startedAt / 1_000_000n)) === unprovenStamp) return true;
  }
  return seen !== undefined && !isSameStamp(seen, now);
}

function asLookedFor(facts: PathFacts): PathFacts {
  return { ...facts, history: { ...facts.history, look: { isPresent: false } } };
}

function judgeChanged(facts: PathFacts): Verdict {
  const { history, now } = facts;
  const wasThere = history.before === undefined || stampKind(history.before) !== "missing";
  const isGone = stampKind(now) === "missing" && !history.isRemoved;
  // A creation of which nobody knows that it succeeded, and of which nothing is there, did not.
  if (isGone && !wasThere && !history.isCertain) return judgeLooked(asLookedFor(facts));
  if (isGone) return { problem: "input-changed" };
  if (stampKind(now) === "missing" && isForeignRemoval(facts, wasThere))
    return { problem: "removed-foreign" };
  // Of an emptied directory nothing tells that it is to go when it is empty from the beginning.
  if (stampKind(now) === "missing" && isDirectory(history) && !facts.isOwned)
    return facts.countsAsInput || facts.countsAsOutput
      ? { condition: { on: "missing", tolerance: "exact" } }
      : {};
  const input = judgeEarlierContent(facts, wasThere);
  if (input === "as-it-began") return { condition: { on: "state", tolerance: "exact" } };
  if (input === "overlap") return { problem: "overlap" };
  if (stampKind(now) === "missing") {
    if (wasThere) return facts.isOwned ? { isRemoved: true } : input;
    return input.condition === undefined && facts.countsAsInput ? { isScratch: true } : input;
  }
  if (!facts.countsAsOutput) return input;
  return { ...input, isOutput: true, ...((!wasThere || facts.isOwned) && { isCreated: true }) };
}

/**
 * That nothing was there mattered to whoever looked first: a tool may create what is missing and
 * respect, or compare with, what is there. What it finds next time must be its own work, or nothing.
 */
function judgeEarlierAbsence({ history, now, isSought, countsAsInput }: PathFacts): Verdict {
  if (!countsAsInput) return {};
  if (history.firstChange === "append") return { condition: { on: "missing", tolerance: "exact" } };
  const isListedDirectory = history.isDirectoryMade && history.isListed;
  if (history.look === undefined && !isListedDirectory) return {};
  if (stampKind(now) === "missing") return { condition: { on: "missing", tolerance: "exact" } };
  // `rm -rf dist` that finds nothing would have cleared the directory of whatever was in it.
  const doEntriesMatter = history.isDirectoryMade && (history.isListed || isSought);
  const on = doEntriesMatter ? "listing" : "state";
  return { condition: { on, tolerance: "own-work" } };
}

/** What the state before the first change means for the next run. */
function judgeEarlierContent(
  facts: PathFacts,
  wasThere: boolean,
): Verdict | "as-it-began" | "overlap" {
  const { history } = facts;
  if (!wasThere) return judgeEarlierAbsence(facts);
  const isUsed =
    history.isRead || history.firstChange === "write-partly" || history.firstChange === "append";
  // What is in it has been looked at under another name.
  if (history.wasMovedAway && !facts.isOwned && !facts.isOverlapDissolved) return "overlap";
  if (!isUsed) return {};
  if (isDirectory(history)) return judgeEarlierDirectory(facts);
  if (facts.isOwned)
    return facts.countsAsInput ? { condition: { on: "state", tolerance: "own-work" } } : {};
  if (facts.hasEndedAsItBegan && !history.isMetadataSet) return "as-it-began";
  if (!facts.isOverlapDissolved) return "overlap";
  // As an output, what was made of something else must not be put over it either.
  const doesMatter = facts.countsAsInput || facts.countsAsOutput;
  return doesMatter ? { condition: { on: "state", tolerance: "exact" } } : {};
}

/** What was removed may have been made anew; what was only changed has to be there to be changed. */
function judgeEarlierDirectory({ history, isOwned, countsAsInput }: PathFacts): Verdict {
  if (!countsAsInput) return {};
  const isStill = history.firstChange === "write-partly" && !isOwned;
  if (history.isListed)
    return { condition: { on: "listing", tolerance: isStill ? "exact" : "own-work" } };
  return isStill ? { condition: { on: "state", tolerance: "exact" } } : {};
}

/** What was emptied with its directory may have been anything; anything else that is removed was somebody's. */
function isForeignRemoval(facts: PathFacts, wasThere: boolean): boolean {
  return wasThere && !facts.isOwned && !facts.isEmptied && !facts.isOverlapDissolved;
}

function isDirectory(history: PathHistory): boolean {
  const { before, wasDirectory } = history;
  return wasDirectory || (before !== undefined && stampKind(before) === "directory");
}
