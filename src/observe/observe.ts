import { once } from "../base/once.ts";
import {
  type AbsolutePath,
  comparePaths,
  directoryOf,
  isWithin,
  reachedFrom,
  sortPaths,
  toWorkspacePath,
  type WorkspacePath,
} from "../base/path.ts";
import type { Condition } from "../fingerprint/condition.ts";
import { doesTimeMappedWrites } from "../fingerprint/mapped-writes.ts";
import { isSameState, readState } from "../fingerprint/state.ts";
import { missingStamp, type Stamp, stampKind, stampPermissions } from "../native/stamp.ts";
import type { Access } from "../trace/access.ts";
import type { EarlierState, RunContext } from "./context.ts";
import { judgeDetours } from "./detours.ts";
import type { Observation, Problem, TouchedPaths } from "./findings.ts";
import { judgeGitLooks } from "./git-looks.ts";
import {
  collectHistories,
  type EarlierWork,
  type Histories,
  type PathHistory,
  untouched,
} from "./history.ts";
import { isChanged, judge, judgePlainly, type Verdict } from "./judge.ts";
import { LinkChanges } from "./link-changes.ts";
import { ListingJudge } from "./listing.ts";
import { findScratchBeyond, isLost, outsideProblem } from "./outside-writes.ts";
import { placesAround } from "./places-around.ts";
import { LinkResolver } from "./resolve-links.ts";
import { startedOutside } from "./started-programs.ts";

/**
 * Turns what was seen into what the result depends on and consists of. Reads the tree; decides by
 * `judge`. The first problem by path is the reason why the run must not be stored.
 */
export function observe(accesses: readonly Access[], context: RunContext): Observation {
  context.tree.prefetch(placesAround(accesses, context));
  const now = new LinkResolver(context);
  const changes = new LinkChanges(accesses, now, context);
  // Where no link was changed, all of them are as they were, and where most paths lead is known by now.
  const resolver = changes.areNone ? now : new LinkResolver(context, changes);
  const histories = collectHistories(accesses, resolver, (place) => ownedBelow(place, context));
  context.tree.prefetch(histories.paths.keys());
  noteMappings(histories, context);
  addDirectories(histories.paths, context);
  const inside = new Map<WorkspacePath, PathHistory>();
  const tags = new Set<WorkspacePath | undefined>();
  const problems: Problem[] = [];
  const scratchBeyond = once(() => findScratchBeyond(context));
  for (const history of histories.paths.values()) {
    const path = toWorkspacePath(context.tree.root, history.path) ?? outerPath(history, context);
    if (path === undefined) problems.push(...outsideProblem(history, context, scratchBeyond));
    else if (!context.exclusions.covers(path, history.path)) inside.set(path, history);
    else tags.add(context.exclusions.tagOver(path));
  }
  const started = startedOutside(histories, context);
  problems.push(...started.problems);
  problems.push(...[...resolver.unsure].flatMap((link) => unsureProblem(link, context)));
  noteChanges(inside, context);
  const listings = new ListingJudge(inside, context);
  const collected = collect(inside, { context, listings });
  problems.push(...collected.problems, ...listings.strangers());
  const detours = [...histories.detours.values()].filter(({ place }) => {
    const history = histories.paths.get(place);
    return history === undefined || !isLost(history, context);
  });
  const beyond = judgeDetours(detours, context);
  const git = judgeGitLooks(histories.paths.values(), context);
  problems.push(...beyond.problems, ...git.problems);
  problems.sort((a, b) => comparePaths(a.path, b.path));
  return {
    findings: {
      conditions: [
        ...collected.conditions,
        ...beyond.conditions,
        ...git.conditions,
        ...[...tags].flatMap((tag) => tagCondition(tag, context)),
      ].sort((a, b) => comparePaths(a.path, b.path)),
      outputs: collected.kept.size === 0 ? collected.outputs : sortPaths(collected.outputs),
      kept: collected.kept,
      written: collected.written,
      created: collected.created,
      removed: collected.removed,
      programs: started.programs,
      touches: () => touchedPaths(inside, context),
    },
    problem: problems[0],
    overlaps: problems.flatMap((problem) =>
      problem.kind === "overlap" || problem.kind === "link-changed" ? [problem.path] : [],
    ),
  };
}

/** What the step had made in a directory before. */
function ownedBelow(place: AbsolutePath, { tree, owned }: RunContext): readonly EarlierWork[] {
  const directory = toWorkspacePath(tree.root, place);
  if (directory === undefined) return [];
  return [...owned]
    .filter(([path]) => path !== directory && isWithin(path, directory))
    .map(([path, kind]) => ({ path: tree.at(path), kind }));
}

/** Where the times of a file do not tell whether it was written to, having been opened for that has to do. */
function noteMappings({ paths }: Histories, { tree }: RunContext): void {
  for (const history of paths.values())
    if (history.isMappable && toWorkspacePath(tree.root, history.path) !== undefined)
      history.isUntimed = !doesTimeMappedWrites(history.path);
}

/** How a path is named that the run only looked at, in the work tree around the workspace. */
function outerPath(history: PathHistory, context: RunContext): WorkspacePath | undefined {
  const { tree, around, scratch } = context;
  if (around === undefined || toWorkspacePath(around, history.path) === undefined) return undefined;
  if (isChanged(history, tree.stamp(history.path))) return undefined;
  // Temporary directories may lie in it, or it in one.
  const inner = scratch.filter((place) => toWorkspacePath(around, place) !== undefined);
  if (inner.some((place) => toWorkspacePath(place, history.path) !== undefined)) return undefined;
  return reachedFrom(tree.root, history.path);
}

function noteChanges(inside: ReadonlyMap<WorkspacePath, PathHistory>, { tree }: RunContext): void {
  for (const history of inside.values())
    history.hasChanged = isChanged(history, tree.stamp(history.path));
}

function touchedPaths(
  inside: ReadonlyMap<WorkspacePath, PathHistory>,
  { countsAsInput, countsAsOutput }: RunContext,
): TouchedPaths {
  const touched = new Set<WorkspacePath>();
  const changed = new Set<WorkspacePath>();
  for (const [path, history] of inside) {
    if (!(countsAsInput(path) || countsAsOutput(path))) continue;
    touched.add(path);
    if (history.wasRemoved || history.hasChanged) changed.add(path);
  }
  return { touched, changed };
}

/** Whoever writes something depends on the directory for it, even if no call named it. */
function addDirectories(paths: Map<AbsolutePath, PathHistory>, { tree }: RunContext): void {
  const looks = new Map<AbsolutePath, { readonly isPresent: boolean } | undefined>();
  let last = "";
  for (const { path, firstChange, isRemoved, lacksDirectory } of paths.values()) {
    const doesWrite = firstChange !== undefined && !(firstChange === "remove" && isRemoved);
    if (!(doesWrite || lacksDirectory)) continue;
    if (path.lastIndexOf("/") === last.length && path.startsWith(last)) continue;
    const directory = directoryOf(path);
    last = directory;
    // What the first says of a directory stands.
    if (looks.has(directory)) continue;
    looks.set(directory, undefined);
    if ((toWorkspacePath(tree.root, directory) ?? "") === "") continue;
    const known = paths.get(directory);
    if (known?.look !== undefined || known?.firstChange !== undefined) continue;
    const kind = stampKind(tree.stamp(directory));
    // Where one is by now that was missing then, somebody else has made it.
    const isPresent = kind === "directory" ? !lacksDirectory : kind !== "missing";
    looks.set(directory, { isPresent });
  }
  for (const [directory, look] of looks)
    if (look !== undefined)
      paths.set(directory, { ...(paths.get(directory) ?? untouched(directory)), look });
}

/** What was done in the directory of a tool cache counts from the moment on at which it is none any more. */
function tagCondition(
  tag: WorkspacePath | undefined,
  { tree, countsAsInput }: RunContext,
): readonly Condition[] {
  if (tag === undefined || !countsAsInput(tag)) return [];
  const stamp = tree.stamp(tree.at(tag));
  return [{ path: tag, state: { kind: "tagged" }, tolerance: "exact", stamp }];
}

/** Nobody can tell what was reached through a link that was followed and then changed. */
function unsureProblem(
  link: AbsolutePath,
  { tree, exclusions, isDissolved }: RunContext,
): Problem[] {
  const path = reachedFrom(tree.root, link);
  return exclusions.covers(path) || isDissolved(path) ? [] : [{ kind: "link-changed", path }];
}

type Collected = {
  readonly conditions: Condition[];
  readonly outputs: WorkspacePath[];
  readonly kept: Set<WorkspacePath>;
  readonly written: WorkspacePath[];
  readonly created: Set<WorkspacePath>;
  readonly removed: WorkspacePath[];
  readonly problems: Problem[];
};

type Judging = { readonly context: RunContext; readonly listings: ListingJudge };

function collect(inside: ReadonlyMap<WorkspacePath, PathHistory>, judging: Judging): Collected {
  const { context } = judging;
  const collected: Collected = {
    conditions: [],
    outputs: [],
    kept: new Set(),
    written: [],
    created: new Set(),
    removed: [],
    problems: [],
  };
  const conditional: Wanted[] = [];
  for (const path of sortPaths(inside.keys())) {
    const history = inside.get(path);
    if (history === undefined) continue;
    const wanted = add(collected, judging, { path, history });
    if (wanted !== undefined) conditional.push({ path, history, wanted });
  }
  for (const path of context.owned.keys()) keepOwned(collected, context, path);
  // What a directory must list depends on what is restored.
  const outputs = once(() => new Set(collected.outputs));
  for (const subject of conditional) {
    const result = conditionFor(subject, judging, outputs);
    if ("problem" in result) collected.problems.push(result.problem);
    else collected.conditions.push(result.condition);
  }
  return collected;
}

type Subject = { readonly path: WorkspacePath; readonly history: PathHistory };

/** Returns on what the path is a condition, if it is one. */
function add(collected: Collected, judging: Judging, subject: Subject): Verdict["condition"] {
  const { path } = subject;
  const now = judging.context.tree.stamp(subject.history.path);
  const verdict = verdictOn(subject, now, judging);
  if (verdict.problem !== undefined) collected.problems.push({ kind: verdict.problem, path });
  if (verdict.isOutput === true) {
    collected.outputs.push(path);
    if (stampKind(now) !== "directory") collected.written.push(path);
  }
  if (verdict.isCreated === true) collected.created.add(path);
  if (verdict.isRemoved === true) collected.removed.push(path);
  const didMakeAndRemove = verdict.isScratch === true && isDirectoryThere(subject, judging.context);
  if (verdict.isRemoved === true || didMakeAndRemove)
    collected.conditions.push({
      path,
      state: { kind: "missing" },
      tolerance: "own-work",
      stamp: missingStamp,
    });
  return verdict.condition;
}

type Wanted = Subject & { readonly wanted: NonNullable<Verdict["condition"]> };

/** A directory that is gone is a condition by itself, and of more than one of its entries. */
function isDirectoryThere({ history }: Subject, { tree }: RunContext): boolean {
  return stampKind(tree.stamp(directoryOf(history.path))) === "directory";
}

function verdictOn(
  { path, history }: Subject,
  now: Stamp,
  { context, listings }: Judging,
): Verdict {
  const plain = judgePlainly(history, now, () => context.countsAsOutput(path));
  if (plain !== undefined) return plain;
  // A hash from before the run is taken for good as long as the times are the same.
  const before = history.isUntimed ? undefined : context.before.get(path);
  return judge({
    history,
    now,
    isOwned: context.owned.has(path),
    hasEndedAsItBegan: before !== undefined && isAsBefore(before, history.path, context),
    isEmptied: listings.isEmptied(path),
    isSought: listings.isSought(path),
    countsAsInput: context.countsAsInput(path),
    countsAsOutput: context.countsAsOutput(path),
    isOverlapDissolved: context.isDissolved(path),
    clock: context.clock,
  });
}

function isAsBefore(
  { state, stamp }: EarlierState,
  at: AbsolutePath,
  { tree }: RunContext,
): boolean {
  const now = readState(tree, at);
  const isSameMode = stampPermissions(stamp) === stampPermissions(tree.stamp(at));
  return isSameMode && now !== undefined && isSameState(state, now);
}

function conditionFor(
  { path, history, wanted }: Wanted,
  { context, listings }: Judging,
  outputs: () => ReadonlySet<WorkspacePath>,
): { readonly condition: Condition } | { readonly problem: Problem } {
  const stamp = context.tree.stamp(history.path);
  if (wanted.on === "missing")
    return {
      condition: { path, state: { kind: "missing" }, tolerance: "exact", stamp: missingStamp },
    };
  if (wanted.on === "listing" && (history.isListed || stampKind(stamp) === "directory"))
    return listings.condition(path, wanted.tolerance, outputs());
  const state = readState(context.tree, history.path);
  if (state === undefined) return { problem: { kind: "input-unreadable", path } };
  const tolerance =
    state.kind === "directory" && listings.holdsOnlyOwnWork(path)
      ? "may-be-missing"
      : wanted.tolerance;
  return { condition: { path, state, tolerance, stamp } };
}

/** What the step had made before, and left in place, belongs to its result: an incremental tool writes only what changed. */
function keepOwned(collected: Collected, context: RunContext, path: WorkspacePath): void {
  if (context.exclusions.covers(path) || !context.countsAsOutput(path)) return;
  if (stampKind(context.tree.stamp(context.tree.at(path))) === "missing") return;
  // What the run has written of it is an output already.
  if (collected.created.has(path)) return;
  collected.kept.add(path);
  collected.outputs.push(path);
  collected.created.add(path);
}
