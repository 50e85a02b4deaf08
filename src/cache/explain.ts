import { comparePaths, type WorkspacePath } from "../base/path.ts";
import type { PathState } from "../fingerprint/condition.ts";
import type { GlobConfig } from "../task/task.ts";
import { changedEnv } from "./asked-env.ts";
import type { Cache } from "./cache.ts";
import { declaredChanges, listChanges, type StateChange } from "./check.ts";
import type { SpawnFingerprint } from "./key.ts";
import {
  conditionContext,
  type LookupRequest,
  type RowCheck,
  readEntries,
  readStepRecord,
} from "./lookup.ts";
import { changedPrograms } from "./programs.ts";

/** One thing in which a step differs from the newest result that is known of it. */
export type Difference =
  | {
      readonly kind: "input";
      readonly change: "modified" | "added" | "removed";
      readonly path: WorkspacePath;
      /** What was there: `xxh3:` and a hash for a file; absent where only a name in a directory is concerned. */
      readonly before?: string;
      readonly after?: string;
    }
  /** A variable that the task names, or one that its tools asked for. */
  | {
      readonly kind: "env" | "tool-env";
      readonly change: "added" | "removed" | "changed";
      readonly name: string;
    }
  | {
      readonly kind: "untracked-env";
      readonly added: readonly string[];
      readonly removed: readonly string[];
    }
  /** An executable that the step ran. */
  | { readonly kind: "tool"; readonly name: string }
  | {
      readonly kind: "program" | "directory" | "platform";
      readonly before: string;
      readonly after: string;
    }
  | { readonly kind: "args"; readonly before: readonly string[]; readonly after: readonly string[] }
  | {
      readonly kind: "input-config" | "output-config";
      readonly before: GlobConfig;
      readonly after: GlobConfig;
    };

/**
 * Everything in which a step differs from the newest entry under its key or, where there is none, from
 * how it was when it last used the cache, and from the entry it used then. None where nothing is known.
 */
export function explainDifferences(
  cache: Cache,
  request: LookupRequest,
  isInPlace: RowCheck,
): readonly Difference[] {
  const differences = compareWithNewest(cache, request, isInPlace);
  if (differences !== undefined) return differences;
  const [first] = request.items;
  const own = request.items.flatMap(({ stepDigest, fingerprint }) => {
    const last = readStepRecord(cache, stepDigest);
    return last === undefined ? [] : compareFingerprints(last.fingerprint, fingerprint);
  });
  const last = first && readStepRecord(cache, first.stepDigest);
  // With another `input`, which files count is another question, and they cannot be compared.
  if (last === undefined || own.some(({ kind }) => kind === "input-config")) return own;
  return [...own, ...(compareWithNewest(cache, { ...request, key: last.key }, isInPlace) ?? [])];
}

function compareWithNewest(
  cache: Cache,
  request: LookupRequest,
  isInPlace: RowCheck,
): readonly Difference[] | undefined {
  const { entries, treeRecord, produced } = readEntries(cache, request.key);
  const newest = entries[0]?.entry;
  if (newest === undefined) return undefined;
  const context = conditionContext({ request, entry: newest, treeRecord, produced, isInPlace });
  const changes = [
    ...declaredChanges(newest.declared, request.declared),
    ...listChanges(newest.inferred, context),
  ];
  const ofItems = request.items.flatMap(({ search, toolEnvironment }, index): Difference[] => {
    const stored = newest.items[index];
    if (stored === undefined) return [];
    const programs = changedPrograms(request.programs, stored.programs, search);
    return [
      ...changedEnv(stored.asked, toolEnvironment).map(
        ({ name, change }): Difference => ({ kind: "tool-env", name, change }),
      ),
      ...programs.map((name): Difference => ({ kind: "tool", name })),
    ];
  });
  return [...withoutRepeats(changes).map(toDifference), ...ofItems];
}

/** A new file is a missing path that is there now, and a name more in a directory: the first says more. */
function withoutRepeats(changes: readonly StateChange[]): readonly StateChange[] {
  const byPath = new Map<WorkspacePath, StateChange>();
  for (const change of changes) {
    const known = byPath.get(change.path);
    if (known === undefined || known.before === undefined) byPath.set(change.path, change);
  }
  const sorted = [...byPath.values()].sort((a, b) => comparePaths(a.path, b.path));
  const seen = new Set<string>();
  return sorted.filter((change) => {
    const key = gitKey(change);
    const isRepeated = key !== undefined && seen.has(key);
    if (key !== undefined) seen.add(key);
    return !isRepeated;
  });
}

/** Git looks for a `.git` in every directory on the way up, and all of these mean the one that it finds. */
function gitKey({ path, before, after }: StateChange): string | undefined {
  if (before?.kind !== "git" || after?.kind !== "git") return undefined;
  return JSON.stringify([/(?:^|\/)\.git\/(.+)$/.exec(path)?.[1], before.value, after.value]);
}

function toDifference({ kind, path, ...states }: StateChange): Difference {
  const [before, after] = [describeState(states.before), describeState(states.after)];
  return {
    kind: "input",
    change: kind,
    path,
    ...(before !== undefined && { before }),
    ...(after !== undefined && { after }),
  };
}

function describeState(state: PathState | undefined): string | undefined {
  if (state === undefined) return undefined;
  switch (state.kind) {
    case "file":
      return `xxh3:${state.hash.toString(16).padStart(16, "0")}${state.isExecutable ? " executable" : ""}`;
    case "beyond":
      return `xxh3:${state.hash.toString(16).padStart(16, "0")}`;
    case "link":
      return `link to ${state.target}`;
    case "git":
      return state.value === "" ? "no commit" : state.value;
    default:
      return state.kind;
  }
}

function compareFingerprints(
  before: SpawnFingerprint,
  after: SpawnFingerprint,
): readonly Difference[] {
  const differences: Difference[] = [...compareEnv(before.env, after.env)];
  const added = after.untrackedEnv.filter((name) => !before.untrackedEnv.includes(name));
  const removed = before.untrackedEnv.filter((name) => !after.untrackedEnv.includes(name));
  if (added.length > 0 || removed.length > 0)
    differences.push({ kind: "untracked-env", added, removed });
  const compare = (kind: "program" | "directory" | "platform", field: TextField): void => {
    if (before[field] !== after[field])
      differences.push({ kind, before: before[field], after: after[field] });
  };
  compare("program", "program");
  if (!Bun.deepEquals(before.args, after.args))
    differences.push({ kind: "args", before: before.args, after: after.args });
  compare("directory", "cwd");
  for (const side of ["input", "output"] as const) {
    if (!Bun.deepEquals(before[side], after[side]))
      differences.push({ kind: `${side}-config`, before: before[side], after: after[side] });
  }
  compare("platform", "platform");
  return differences;
}

type TextField = "program" | "cwd" | "platform";

function compareEnv(
  then: SpawnFingerprint["env"],
  now: SpawnFingerprint["env"],
): readonly Difference[] {
  const [before, after] = [new Map(then), new Map(now)];
  const names = [...new Set([...before.keys(), ...after.keys()])].sort(comparePaths);
  return names
    .filter((name) => before.get(name) !== after.get(name))
    .map((name) => ({
      kind: "env",
      name,
      change: !before.has(name) ? "added" : !after.has(name) ? "removed" : "changed",
    }));
}
