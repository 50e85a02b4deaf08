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
  /** Undefined when it is not set. Throws `NotText` for a value that is none. */
  readonly get: (name: string) => string | undefined;
  readonly find: (query: EnvQuery) => Readonly<Record<string, string>>;
  /**
   * Whether a tool's question makes the variable count: not when it is part of the cache key already,
   * nor when the task lists it as untracked.
   */
  readonly standing: (name: string) => "counts" | "in-key" | "untracked";
  /** Digest of what `get` returns. */
  readonly digest: (name: string) => Digest | undefined;
  /** Those of `find` that the question makes count, sorted by name. */
  readonly track: (query: EnvQuery) => readonly TrackedVariable[];
};

/** The value of a variable is no UTF-8: two different ones could look the same. */
export class NotText extends Error {}

/** The environment that the step's process would have had unfiltered, without what is vt's own. */
export function createToolEnvironment(step: Step, policy: CachePolicy): ToolEnvironment {
  const variables = new Map(
    Object.entries(step.unfilteredEnvironment).filter(([name]) => !isOwnName(name)),
  );
  const isListed = compileUntracked(policy.listedUntrackedEnv);
  const fingerprinted = new Set(policy.trackedEnv.map(([name]) => name));
  const standing: ToolEnvironment["standing"] = (name) => {
    if (fingerprinted.has(name)) return "in-key";
    return isOwnName(name) || isListed(name) ? "untracked" : "counts";
  };
  const get = (name: string): string | undefined => {
    const value = variables.get(name);
    if (value?.includes("\uFFFD"))
      throw new NotText(`the value of the variable ${name} is not valid UTF-8`);
    return value;
  };
  const digest = (name: string): Digest | undefined => {
    const value = variables.get(name);
    return value === undefined ? undefined : digestOf(value);
  };
  const namesOf = (query: EnvQuery): string[] =>
    [...variables.keys()].filter(compileQuery(query)).sort(comparePaths);
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
const isIncidental = compileNamePatterns([
  ...untrackedByDefault,
  ...["_", "OLDPWD", "SHLVL", "INIT_CWD", "npm_*", "NODE", "COLOR", "COLORTERM", "COLUMNS"],
  ...["LINES", "TERM", "TERM_*", "SSH_*", "WINDOWID"],
]);
