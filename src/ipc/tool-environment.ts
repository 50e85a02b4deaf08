import { type Digest, digestOf } from "../base/digest.ts";
import { comparePaths } from "../base/path.ts";
import { untrackedByDefault } from "../plan/environment-lists.ts";
import { compileNamePatterns } from "../plan/name-pattern.ts";
import type { CachePolicy, Step } from "../plan/step.ts";
import { compileQuery, type EnvQuery, isForEverything } from "./env-query.ts";

/** One variable as an entry remembers it: its value may be a secret. */
export type TrackedVariable = readonly [name: string, value: Digest];

/** The variables of one step as a tool may ask for them. It is the same from the start of a run to its end. */
export type ToolEnvironment = {
  /** Undefined when it is not set. What is no UTF-8 in a value is U+FFFD. */
  readonly get: (name: string) => string | undefined;
  readonly find: (query: EnvQuery) => Readonly<Record<string, string>>;
  /**
   * Whether a tool's question makes the variable count: not when the task lists it as untracked, and
   * when nothing depends on the question, since it is part of the cache key already, or vt's own.
   */
  readonly standing: (name: string) => "counts" | "untracked" | "settled";
  /** Digest of what `get` returns. */
  readonly digest: (name: string) => Digest | undefined;
  /** Those of `find` that the question makes count, sorted by name. */
  readonly track: (query: EnvQuery) => readonly TrackedVariable[];
};

type Variables = Pick<Step, "unfilteredEnvironment">;
type Lists = Pick<CachePolicy, "listedUntrackedEnv" | "trackedEnv">;

/**
 * The environment that the step's process would have had unfiltered, without what is vt's own.
 * Nothing is computed before the first question: most hits have none.
 */
export function createToolEnvironment(step: Variables, policy: Lists): ToolEnvironment {
  let known: Known | undefined;
  const know = (): Known => {
    known ??= read(step, policy);
    return known;
  };
  const get = (name: string): string | undefined => know().variables.get(name);
  const digest = (name: string): Digest | undefined => {
    const value = get(name);
    return value === undefined ? undefined : digestOf(value);
  };
  const standing: ToolEnvironment["standing"] = (name) => {
    if (know().fingerprinted.has(name) || isOwnName(name)) return "settled";
    return know().isListed(name) ? "untracked" : "counts";
  };
  const namesOf = (query: EnvQuery): string[] =>
    [...know().variables.keys()].filter(compileQuery(query)).sort(comparePaths);
  return {
    get,
    standing,
    digest,
    find: (query) => Object.fromEntries(namesOf(query).map((name) => [name, get(name) ?? ""])),
    track: (query) =>
      namesOf(query)
        .filter((name) => standing(name) === "counts")
        .filter((name) => !(isForEverything(query) && isIncidental(name)))
        .map((name) => [name, digest(name) ?? digestOf("")] as const),
  };
}

type Known = {
  readonly variables: ReadonlyMap<string, string>;
  readonly isListed: (name: string) => boolean;
  readonly fingerprinted: ReadonlySet<string>;
};

function read(step: Variables, policy: Lists): Known {
  const variables = Object.entries(step.unfilteredEnvironment).filter(([name]) => !isOwnName(name));
  return {
    variables: new Map(variables),
    isListed: compileUntracked(policy.listedUntrackedEnv),
    fingerprinted: new Set(policy.trackedEnv.map(([name]) => name)),
  };
}

/** A `!pattern` takes names out again, wherever it stands. */
function compileUntracked(patterns: readonly string[]): (name: string) => boolean {
  const isExclusion = (pattern: string): boolean => pattern.startsWith("!");
  const isIncluded = compileNamePatterns(patterns.filter((pattern) => !isExclusion(pattern)));
  const isExcluded = compileNamePatterns(
    patterns.filter(isExclusion).map((pattern) => pattern.slice(1)),
  );
  return (name) => isIncluded(name) && !isExcluded(name);
}

/** Names that vt keeps for itself: settings, messages to its tasks, the tracer's and the remote cache's. */
function isOwnName(name: string): boolean {
  return /^(?:VT_|VP_RUN|VP_REMOTE_CACHE)/.test(name);
}

/**
 * Who asks for everything means none of these: what a step gets without listing it, and what depends
 * on the terminal or the program that vt was started from.
 */
function isIncidental(name: string): boolean {
  isIncidentalName ??= compileNamePatterns([
    ...untrackedByDefault,
    ...["_", "OLDPWD", "SHLVL", "INIT_CWD", "npm_*", "NODE", "COLOR", "COLORTERM", "COLUMNS"],
    ...["LINES", "TERM", "TERM_*", "SSH_*", "WINDOWID"],
  ]);
  return isIncidentalName(name);
}

let isIncidentalName: ((name: string) => boolean) | undefined;
