import type { ManifestEntry } from "../archive/manifest.ts";
import { compileGlobs } from "../base/glob.ts";
import { once } from "../base/once.ts";
import { comparePaths, type WorkspacePath } from "../base/path.ts";
import { matchFiles } from "../fingerprint/declared.ts";
import { Exclusions } from "../fingerprint/exclusions.ts";
import { isSameState, readState } from "../fingerprint/state.ts";
import type { Tree } from "../fingerprint/tree.ts";
import { isSameStamp } from "../native/stamp.ts";
import type { Observation, Problem } from "../observe/findings.ts";
import { observe } from "../observe/observe.ts";
import type { Access } from "../trace/access.ts";
import type { BeforeRun } from "./before-run.ts";
import { ignoredByItems } from "./ignored-paths.ts";
import type { PreparedUnit } from "./prepared-unit.ts";
import type { Session } from "./session.ts";
import { accessesOf, type UnitRun } from "./unit-run.ts";

/**
 * What a finished run depends on and has produced, from both sides: what was seen, and what the
 * configuration declares. `after` is the workspace as the run left it.
 */
export function findingsOf(run: UnitRun, after: Tree, session: Session): Observation {
  const { unit } = run;
  const accesses = accessesOf(run);
  const isTraced = accesses !== undefined;
  const seen = isTraced ? observeTrace(run, accesses, { after, session }) : nothingSeen;
  const written = once(() => new Set(seen.findings.outputs));
  const declaredProblem = changedDeclared(unit, written, { after, isTraced });
  const problems = [seen.problem, declaredProblem, unreadableProblem(unit)];
  const { owned, overwritten } = run.before;
  // What a pattern matches and the run left alone is somebody else's: nothing may be restored over it.
  const declared = matchFiles(after, unit.policy.output).filter((path) => {
    const before = run.before.declaredOutputs.get(path);
    const isUntouched = before !== undefined && isSameStamp(before, after.stamp(after.at(path)));
    if (owned.has(path) || written().has(path)) return true;
    // With a trace, what the run did not write was written by somebody else, whenever that was.
    return !isTraced && (!isUntouched || overwritten.has(path));
  });
  return {
    ...seen,
    findings: {
      ...seen.findings,
      ...withDeclared(seen, declared, owned),
      written: isTraced ? seen.findings.written : declared,
      conditions: withoutDeclared(seen, unit),
    },
    problem: problems
      .filter((problem) => problem !== undefined)
      .sort((a, b) => comparePaths(a.path, b.path))[0],
  };
}

/** `declared` are outputs that the configuration names. */
function withDeclared(
  { findings: { outputs, created } }: Observation,
  declared: readonly WorkspacePath[],
  owned: ReadonlySet<WorkspacePath>,
): Pick<Observation["findings"], "outputs" | "created"> {
  if (declared.length === 0) return { outputs, created };
  return {
    outputs: [...new Set([...outputs, ...declared])].sort(comparePaths),
    created: new Set([...created, ...declared.filter((path) => owned.has(path))]),
  };
}

const nothingSeen: Observation = {
  findings: {
    conditions: [],
    outputs: [],
    kept: new Set(),
    written: [],
    created: new Set(),
    removed: [],
    programs: [],
    touches: () => ({ touched: new Set(), changed: new Set() }),
  },
  problem: undefined,
  overlaps: [],
};

function observeTrace(
  { unit, items, before }: UnitRun,
  accesses: readonly Access[],
  { after, session }: { readonly after: Tree; readonly session: Session },
): Observation {
  const { input, output } = unit.policy;
  const isNoInput = compileGlobs({ positive: input.negative, negative: [] });
  const isNoOutput = compileGlobs({ positive: output.negative, negative: [] });
  const isDeclaredOutput = compileGlobs({ positive: output.positive, negative: [] });
  const linked = session.linkedPlaces();
  const git = session.git();
  const ignored = ignoredByItems(items, { tree: after, linked });
  return observe(accesses, {
    tree: after,
    exclusions: new Exclusions(after, session.cache.place),
    countsAsInput: (path) => input.isAuto && !isNoInput.matches(path) && !ignored.isInput(path),
    countsAsOutput: (path) =>
      ((output.isAuto && !ignored.isOutput(path)) || isDeclaredOutput.matches(path)) &&
      !isNoOutput.matches(path),
    isDissolved: (path) =>
      ignored.isInput(path) ||
      ignored.isOutput(path) ||
      isNoInput.matches(path) ||
      isNoOutput.matches(path),
    owned: ownedKinds(before),
    linkTexts: linkTexts(before),
    before: before.overlapped,
    git,
    around: session.around(),
    linked,
    scratch: [...session.scratch(), ...(git === undefined ? [] : [git.directory, git.common])],
    clock: { startedAt: items[0].startedAt, isFine: session.isClockFine() },
  });
}

function ownedKinds({
  record,
  owned,
}: BeforeRun): ReadonlyMap<WorkspacePath, ManifestEntry["kind"]> {
  const kinds = new Map<WorkspacePath, ManifestEntry["kind"]>();
  for (const [path, { row }] of record.owned) if (owned.has(path)) kinds.set(path, row.kind);
  return kinds;
}

function linkTexts({ record, owned, overlapped }: BeforeRun): ReadonlyMap<WorkspacePath, string> {
  const texts = new Map<WorkspacePath, string>();
  for (const [path, { row }] of record.owned)
    if (row.kind === "link" && owned.has(path)) texts.set(path, row.target);
  for (const [path, { state }] of overlapped)
    if (state.kind === "link") texts.set(path, state.target);
  return texts;
}

/** Paths that are declared inputs have a condition already, taken before the run. */
function withoutDeclared(
  { findings }: Observation,
  { declared }: PreparedUnit,
): Observation["findings"]["conditions"] {
  const paths = new Set(declared.map(({ path }) => path));
  return findings.conditions.filter(
    ({ path, state }) => state.kind === "listing" || !paths.has(path),
  );
}

function unreadableProblem({ unreadable }: PreparedUnit): Problem | undefined {
  return unreadable === undefined ? undefined : { kind: "input-unreadable", path: unreadable };
}

/** The first declared input that is not what was hashed before the run. */
function changedDeclared(
  { declared }: PreparedUnit,
  written: () => ReadonlySet<WorkspacePath>,
  { after, isTraced }: { readonly after: Tree; readonly isTraced: boolean },
): Problem | undefined {
  after.prefetch(declared.map(({ path }) => after.at(path)));
  for (const { path, state, stamp } of declared) {
    const at = after.at(path);
    if (isSameStamp(stamp, after.stamp(at))) continue;
    const isOwnDoing = isTraced && written().has(path);
    const now = readState(after, at);
    if (!(isOwnDoing && now !== undefined && isSameState(now, state)))
      return { kind: isOwnDoing ? "overlap" : "input-changed", path };
  }
  return undefined;
}
