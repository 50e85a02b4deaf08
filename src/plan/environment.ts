import { UserError } from "../base/error.ts";
import type { Environment } from "../base/host.ts";
import { type AbsolutePath, comparePaths, resolvePath } from "../base/path.ts";
import { ownMessages, ownSettings } from "./environment-lists.ts";
import type { EnvironmentSelector } from "./environment-selector.ts";

type Assignments = readonly (readonly [name: string, value: string])[];

/** What the variables of a process are made of. */
export type EnvironmentSources = {
  /** What vt was started with, and the assignments in front of enclosing nested runs. */
  readonly parent: Environment;
  readonly root: AbsolutePath;
  readonly packageDirectory: AbsolutePath;
  readonly cwd: AbsolutePath;
  /** Where the person started vt. */
  readonly invocationCwd: AbsolutePath;
  /** Of a script: what npm tells it about itself. */
  readonly script?: ScriptFacts | undefined;
  /** The `NAME=value` in front of the command. */
  readonly assignments: Assignments;
};

export type ScriptFacts = {
  /** As in `package.json`: `prebuild`. */
  readonly name: string;
  readonly packageName: string | undefined;
  readonly packageVersion: string | undefined;
};

export type ProcessEnvironment = {
  readonly environment: Readonly<Record<string, string>>;
  /** Everything but what vt adds and keeps for itself: what a tool may ask for. */
  readonly unfilteredEnvironment: Readonly<Record<string, string>>;
};

export type CachedEnvironment = ProcessEnvironment & {
  /** Sorted by name. */
  readonly trackedEnv: Assignments;
};

/** The environment of a process whose result is not cached: everything. */
export function fullEnvironment(sources: EnvironmentSources): ProcessEnvironment {
  const unfiltered = unfilteredVariables(sources);
  const environment = new Map([
    ...picked(sources.parent, [...ownSettings, ...ownMessages]),
    ...unfiltered,
    ["VP_RUN", "1"] as const,
  ]);
  return toRecords(environment, unfiltered);
}

/**
 * The environment of a cached process: what its task lets through, so that nothing it does not
 * count can change what it does.
 *
 * Throws a `UserError` when the value of a tracked variable is not text.
 */
export function cachedEnvironment(
  sources: EnvironmentSources,
  selector: EnvironmentSelector,
): CachedEnvironment {
  const unfiltered = unfilteredVariables(sources);
  const given = new Set(givenVariables(sources).map(([name]) => name));
  const trackedNames = new Set(sources.script === undefined ? [] : trackedFacts);
  const environment = new Map(picked(sources.parent, ownSettings));
  for (const [name, value] of unfiltered) {
    const selection = selector.select(name);
    if (selection === "tracked") trackedNames.add(name);
    if (selection !== "hidden" || given.has(name)) environment.set(name, value);
  }
  for (const [name, value] of sources.assignments) {
    environment.set(name, value);
    trackedNames.add(name);
  }
  if (!environment.has("FORCE_COLOR")) environment.set("FORCE_COLOR", "1");
  if (selector.select("FORCE_COLOR") === "tracked") trackedNames.add("FORCE_COLOR");
  environment.set("VP_RUN", "1");
  const trackedEnv = picked(Object.fromEntries(environment), [...trackedNames]);
  assertText(trackedEnv);
  return { ...toRecords(environment, unfiltered), trackedEnv };
}

/** Given to scripts by npm, and likely to end up in what they make. */
const trackedFacts: readonly string[] = ["npm_package_name", "npm_package_version"];

/** Where `PATH` is not set, a shell looks here. */
const systemPath = "/usr/local/bin:/usr/bin:/bin";

function unfilteredVariables(sources: EnvironmentSources): ReadonlyMap<string, string> {
  const own = new Set([...ownSettings, ...ownMessages]);
  const variables = new Map<string, string>();
  for (const [name, value] of Object.entries(sources.parent)) {
    if (value !== undefined && !own.has(name)) variables.set(name, value);
  }
  if (sources.script !== undefined) for (const name of trackedFacts) variables.delete(name);
  variables.set("PATH", searchPath(sources));
  for (const [name, value] of givenVariables(sources)) variables.set(name, value);
  for (const [name, value] of sources.assignments) variables.set(name, value);
  return variables;
}

function searchPath({ parent, root, packageDirectory }: EnvironmentSources): string {
  const ours = new Set(
    [packageDirectory, root].map((directory): string =>
      resolvePath(directory, "node_modules/.bin"),
    ),
  );
  const theirs = (parent["PATH"] ?? systemPath).split(":").filter((entry) => !ours.has(entry));
  return [...ours, ...theirs].join(":");
}

/** What a process gets whatever its task lists. */
function givenVariables({ cwd, invocationCwd, script, parent }: EnvironmentSources): Assignments {
  const variables: [string, string | undefined][] = [
    ["PWD", cwd],
    ["INIT_CWD", invocationCwd],
  ];
  if (script !== undefined) {
    variables.push(
      ["npm_lifecycle_event", script.name],
      ["npm_package_name", script.packageName],
      ["npm_package_version", script.packageVersion],
      ["npm_execpath", parent["npm_execpath"]],
      ["npm_config_user_agent", parent["npm_config_user_agent"]],
    );
  }
  return variables.filter((entry): entry is [string, string] => entry[1] !== undefined);
}

/** Those of `names` that are set, sorted by name. */
function picked(environment: Environment, names: readonly string[]): [string, string][] {
  return names
    .map((name) => [name, environment[name]] as const)
    .filter((entry): entry is [string, string] => entry[1] !== undefined)
    .sort(([a], [b]) => comparePaths(a, b));
}

function toRecords(
  environment: ReadonlyMap<string, string>,
  unfiltered: ReadonlyMap<string, string>,
): ProcessEnvironment {
  return {
    environment: Object.fromEntries(environment),
    unfilteredEnvironment: Object.fromEntries(unfiltered),
  };
}

/** Bytes that are no text arrive as U+FFFD, so two different values could look equal. */
function assertText(variables: Assignments): void {
  const damaged = variables.find(([, value]) => value.includes("\uFFFD"));
  if (damaged === undefined) return;
  throw new UserError(`the value of the variable ${damaged[0]} is not valid UTF-8`, {
    code: "environment-invalid",
    hint: "a variable that counts for the cache must hold text: set it anew, or take it out of `env`",
  });
}
