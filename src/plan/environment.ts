import { UserError } from "../base/error.ts";
import type { Environment } from "../base/host.ts";
import {
  type AbsolutePath,
  comparePaths,
  isWindows,
  resolvePath,
  searchPathSeparator,
} from "../base/path.ts";
import { ownMessages, ownSettings } from "./environment-lists.ts";
import type { EnvironmentSelector } from "./environment-selector.ts";

type Variables = Readonly<Record<string, string>>;
type Assignments = readonly (readonly [name: string, value: string])[];

/** What vt was started with, taken apart once for all the processes of a run. */
export type ParentEnvironment = {
  /** For vt, and any vt below it. */
  readonly settings: Variables;
  /** From a vt above it. */
  readonly messages: Variables;
  readonly variables: Variables;
  /** Those without what npm said of the script that started vt: a script gets its own. */
  readonly scriptVariables: Variables;
  /** The entries of PATH, and all of it. */
  readonly path: readonly string[];
  readonly pathText: string;
};

/** What the variables of a process are made of. */
export type EnvironmentSources = {
  readonly parent: ParentEnvironment;
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

type ScriptFacts = {
  /** As in `package.json`: `prebuild`. */
  readonly name: string;
  /** "" where the package has none; the same for the version. */
  readonly packageName: string;
  readonly packageVersion: string;
};

export type ProcessEnvironment = {
  readonly environment: Variables;
  /** Everything but what vt adds and keeps for itself: what a tool may ask for. */
  readonly unfilteredEnvironment: Variables;
};

export type CachedEnvironment = ProcessEnvironment & {
  /** Sorted by name. */
  readonly trackedEnv: Assignments;
};

export function readParentEnvironment(environment: Environment): ParentEnvironment {
  const settings: Record<string, string> = {};
  const messages: Record<string, string> = {};
  const variables: Record<string, string> = {};
  for (const [name, value] of Object.entries(environment)) {
    if (value === undefined) continue;
    if (ownSettings.includes(name)) settings[name] = value;
    else if (ownMessages.includes(name)) messages[name] = value;
    // Windows has it as `Path`, and takes any spelling for it.
    else variables[isWindows && name.toUpperCase() === "PATH" ? "PATH" : name] = value;
  }
  const facts = new Set(trackedFacts);
  const { PATH = systemPath }: Environment = variables;
  return {
    settings,
    messages,
    variables,
    scriptVariables: pick(variables, (name) => !facts.has(name)),
    path: PATH.split(searchPathSeparator),
    pathText: PATH,
  };
}

function pick(variables: Variables, isWanted: (name: string) => boolean): Variables {
  return Object.fromEntries(Object.entries(variables).filter(([name]) => isWanted(name)));
}

/** What is inside of a nested run with `assignments` in front of it. */
export function enterAssignments(
  parent: ParentEnvironment,
  assignments: Assignments,
): ParentEnvironment {
  if (assignments.length === 0) return parent;
  const { settings, messages, variables } = parent;
  const assigned = Object.fromEntries(assignments);
  return readParentEnvironment({ ...settings, ...messages, ...variables, ...assigned });
}

/** The environment of a process whose result is not cached: everything. */
export function fullEnvironment(sources: EnvironmentSources): ProcessEnvironment {
  const { settings, messages } = sources.parent;
  const unfilteredEnvironment = unfilteredVariables(sources);
  return {
    environment: { ...settings, ...messages, ...unfilteredEnvironment, ...runnerVariables },
    unfilteredEnvironment,
  };
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
  const { parent, script, assignments, packageDirectory, cwd } = sources;
  const isPlain = script === undefined && assignments.length === 0 && cwd === packageDirectory;
  if (!isPlain) return makeCachedEnvironment(sources, selector);
  const known = environmentsOf(parent, selector);
  const environment = known.get(cwd) ?? makeCachedEnvironment(sources, selector);
  known.set(cwd, environment);
  return environment;
}

type CachedEnvironments = Map<AbsolutePath, CachedEnvironment>;

const environments = new WeakMap<
  ParentEnvironment,
  WeakMap<EnvironmentSelector, CachedEnvironments>
>();

/**
 * Of what is neither a script nor has assignments, by the directory of its package, in which it runs: it gets
 * the same there, whatever it is.
 */
function environmentsOf(
  parent: ParentEnvironment,
  selector: EnvironmentSelector,
): CachedEnvironments {
  const bySelector =
    environments.get(parent) ?? new WeakMap<EnvironmentSelector, CachedEnvironments>();
  environments.set(parent, bySelector);
  const known: CachedEnvironments = bySelector.get(selector) ?? new Map();
  bySelector.set(selector, known);
  return known;
}

function makeCachedEnvironment(
  sources: EnvironmentSources,
  selector: EnvironmentSelector,
): CachedEnvironment {
  const { select } = selector;
  const { parent, script, assignments } = sources;
  const inherited = inherit(
    script === undefined ? parent.variables : parent.scriptVariables,
    selector,
  );
  const own = { ...givenVariables(sources), ...Object.fromEntries(assignments) };
  const tracked = new Set(inherited.tracked);
  for (const [name] of assignments) tracked.add(name);
  if (script !== undefined) for (const name of trackedFacts) tracked.add(name);
  for (const name of [...Object.keys(own), "PATH", "FORCE_COLOR"])
    if (select(name) === "tracked") tracked.add(name);
  const environment = {
    FORCE_COLOR: "1",
    ...parent.settings,
    ...inherited.selected,
    ...(select("PATH") !== "hidden" && { PATH: searchPath(sources) }),
    ...own,
    ...runnerVariables,
  };
  return {
    environment,
    unfilteredEnvironment: unfilteredVariables(sources),
    trackedEnv: pickText(environment, tracked),
  };
}

/** What of some variables a selector lets through, and which of these count. */
type Inherited = { readonly selected: Variables; readonly tracked: readonly string[] };

const inheritances = new WeakMap<Variables, WeakMap<EnvironmentSelector, Inherited>>();

/** The same for every task with the same lists: asked for once a step, worked out once a run. */
function inherit(variables: Variables, selector: EnvironmentSelector): Inherited {
  const bySelector = inheritances.get(variables) ?? new WeakMap<EnvironmentSelector, Inherited>();
  inheritances.set(variables, bySelector);
  const known = bySelector.get(selector);
  if (known !== undefined) return known;
  const selected = pick(variables, (name) => selector.select(name) !== "hidden");
  const tracked = Object.keys(selected).filter((name) => selector.select(name) === "tracked");
  const inherited = { selected, tracked };
  bySelector.set(selector, inherited);
  return inherited;
}

/** How a process knows that vt runs it. */
const runnerVariables = { VP_RUN: "1" };

/** Given to scripts by npm, and likely to end up in what they make. */
const trackedFacts: readonly string[] = ["npm_package_name", "npm_package_version"];

/** Where `PATH` is not set, a shell looks here. */
const systemPath = "/usr/local/bin:/usr/bin:/bin";

function unfilteredVariables(sources: EnvironmentSources): Variables {
  const { parent, script, assignments } = sources;
  return {
    // Of a script that has none, not those of the package whose script started vt.
    ...(script === undefined ? parent.variables : parent.scriptVariables),
    PATH: searchPath(sources),
    ...givenVariables(sources),
    ...Object.fromEntries(assignments),
  };
}

const searchPaths = new WeakMap<ParentEnvironment, Map<AbsolutePath, string>>();

/** The same for every step of a package: asked for twice a step, worked out once a run. */
function searchPath(sources: EnvironmentSources): string {
  const { parent, packageDirectory } = sources;
  const byPackage = searchPaths.get(parent) ?? new Map<AbsolutePath, string>();
  searchPaths.set(parent, byPackage);
  const path = byPackage.get(packageDirectory) ?? makeSearchPath(sources);
  byPackage.set(packageDirectory, path);
  return path;
}

function makeSearchPath({ parent, root, packageDirectory }: EnvironmentSources): string {
  const own = resolvePath(packageDirectory, "node_modules/.bin");
  const shared = resolvePath(root, "node_modules/.bin");
  const ours = own === shared ? own : `${own}${searchPathSeparator}${shared}`;
  if (!parent.path.includes(own) && !parent.path.includes(shared))
    return `${ours}${searchPathSeparator}${parent.pathText}`;
  const others = parent.path.filter((entry) => entry !== own && entry !== shared);
  return [ours, ...others].join(searchPathSeparator);
}

/** What a process gets whatever its task lists. */
function givenVariables({ cwd, invocationCwd, script, parent }: EnvironmentSources): Variables {
  const given = { PWD: cwd, INIT_CWD: invocationCwd };
  if (script === undefined) return given;
  const { npm_execpath: program, npm_config_user_agent: agent }: Environment = parent.variables;
  return {
    ...given,
    npm_lifecycle_event: script.name,
    ...(script.packageName !== "" && { npm_package_name: script.packageName }),
    ...(script.packageVersion !== "" && { npm_package_version: script.packageVersion }),
    ...(program !== undefined && { npm_execpath: program }),
    ...(agent !== undefined && { npm_config_user_agent: agent }),
  };
}

/** Those of `names` that are set, sorted. Bytes that are no text arrive as U+FFFD, so two different values could look equal. */
function pickText(variables: Variables, names: ReadonlySet<string>): Assignments {
  const picked: (readonly [string, string])[] = [];
  for (const name of [...names].sort(comparePaths)) {
    const value = variables[name];
    if (value === undefined) continue;
    if (value.includes("\uFFFD")) throw notText(name);
    picked.push([name, value]);
  }
  return picked;
}

function notText(name: string): UserError {
  return new UserError(`the value of the variable ${name} is not valid UTF-8`, {
    code: "environment-invalid",
    hint: "a variable that counts for the cache must hold text: set it anew, or take it out of `env`",
  });
}
