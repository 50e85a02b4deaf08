import { UserError } from "../base/error.ts";
import { comparePaths } from "../base/path.ts";
import { trackedByDefault, untrackedByDefault } from "./environment-lists.ts";
import { compileNamePatterns } from "./name-pattern.ts";

export type EnvironmentSelector = {
  readonly select: (name: string) => "tracked" | "untracked" | "hidden";
  /** What stands for the untracked side in the cache key: patterns as written, sorted. */
  readonly untrackedPatterns: readonly string[];
};

export type SelectEnvironment = (
  env: readonly string[],
  untrackedEnv: readonly string[],
) => EnvironmentSelector;

/** Remembers its selectors: most tasks of a workspace have the same lists, the empty ones. */
export function createSelectEnvironment(): SelectEnvironment {
  const known = new Map<string, EnvironmentSelector>();
  return (env, untrackedEnv) => {
    const key = JSON.stringify([env, untrackedEnv]);
    const selector = known.get(key) ?? createEnvironmentSelector(env, untrackedEnv);
    known.set(key, selector);
    return selector;
  };
}

/**
 * Reads the `env` and `untrackedEnv` of a task. A `!pattern` in either removes a name from both,
 * wherever it stands, the built-in lists included. A name on both sides is tracked.
 *
 * Throws a `UserError` when a pattern is malformed.
 */
function createEnvironmentSelector(
  env: readonly string[],
  untrackedEnv: readonly string[],
): EnvironmentSelector {
  const all = [...env, ...untrackedEnv];
  const isExcluded = compileList(all.filter(isExclusion).map((pattern) => pattern.slice(1)));
  const isTracked = compileList(env.filter(isInclusion));
  const isUntracked = compileList(untrackedEnv.filter(isInclusion));
  const known = new Map<string, "tracked" | "untracked" | "hidden">();
  const select: EnvironmentSelector["select"] = (name) => {
    if (isExcluded(name)) return "hidden";
    if (isTracked(name)) return "tracked";
    if (isUntracked(name)) return "untracked";
    if (isTrackedByDefault(name)) return "tracked";
    return isUntrackedByDefault(name) ? "untracked" : "hidden";
  };
  return {
    select: (name) => {
      const selection = known.get(name) ?? select(name);
      known.set(name, selection);
      return selection;
    },
    // An exclusion in `env` hides names that the built-in list lets through, so it counts here too.
    untrackedPatterns: [
      ...new Set([...untrackedByDefault, ...untrackedEnv, ...env.filter(isExclusion)]),
    ].sort(comparePaths),
  };
}

const isTrackedByDefault = compileNamePatterns(trackedByDefault);
const isUntrackedByDefault = compileNamePatterns(untrackedByDefault);

function isExclusion(pattern: string): boolean {
  return pattern.startsWith("!");
}

function isInclusion(pattern: string): boolean {
  return !isExclusion(pattern);
}

function compileList(patterns: readonly string[]): (name: string) => boolean {
  for (const pattern of patterns) assertPattern(pattern);
  return compileNamePatterns(patterns);
}

function assertPattern(pattern: string): void {
  try {
    compileNamePatterns([pattern]);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new UserError(
      `\`env\` or \`untrackedEnv\`: the pattern "${pattern}" is invalid: ${why}`,
      {
        code: "environment-invalid",
        hint: "names, with `*`, `?` and `[a-z]`; a backslash in front of a character takes it literally",
        cause,
      },
    );
  }
}
