import { UserError } from "../base/error.ts";
import { parseOptions } from "../base/options.ts";
import { type PackageFilter, parseFilters } from "../workspace/filter-syntax.ts";

/** The options of `vt run`, for the parser and the help. They stand before the task's name. */
export const runOptionTable = [
  {
    name: "recursive",
    short: "r",
    value: { kind: "none" },
    about: "In every package, dependencies first",
  },
  {
    name: "transitive",
    short: "t",
    value: { kind: "none" },
    about: "In this package and all that it depends on",
  },
  {
    name: "workspace-root",
    short: "w",
    value: { kind: "none" },
    about: "In the workspace root; beside --filter, there too",
  },
  {
    name: "filter",
    short: "F",
    value: { kind: "texts", name: "pattern" },
    about: "In the packages that it names, as with pnpm; may be repeated",
  },
  {
    name: "affected",
    value: { kind: "optional-text", name: "ref" },
    about:
      "Only in packages changed since this branch left <ref>; `...<ref>`: and their dependents",
  },
  {
    name: "fail-if-no-match",
    value: { kind: "none" },
    about: "Fail when a --filter selects nothing",
  },
  {
    name: "ignore-depends-on",
    value: { kind: "none" },
    about: "Leave out the tasks that `dependsOn` names",
  },
  { name: "cache", value: { kind: "on-off" }, about: "Turn the cache on or off for this run" },
  { name: "force", value: { kind: "none" }, about: "Run everything, and store the results" },
  {
    name: "concurrency-limit",
    value: { kind: "number" },
    about: "How many tasks may run at once (default: 4)",
  },
  { name: "parallel", value: { kind: "none" }, about: "Run everything at once, in no order" },
  {
    name: "log",
    value: { kind: "choice", values: ["interleaved", "labeled", "grouped"] },
    about: "How the output of tasks is shown",
  },
  { name: "verbose", short: "v", value: { kind: "none" }, about: "Show the full summary" },
  {
    name: "last-details",
    value: { kind: "none" },
    about: "Show the full summary of the last run, and run nothing",
  },
  { name: "help", short: "h", value: { kind: "none" }, about: "Show this" },
] as const;

export type RunOptions = {
  readonly isRecursive: boolean;
  readonly isTransitive: boolean;
  readonly isWorkspaceRoot: boolean;
  readonly filters: readonly PackageFilter[];
  readonly affected: Affected | undefined;
  readonly isFailingWithoutMatch: boolean;
  readonly isIgnoringDependsOn: boolean;
  readonly cache: "on" | "off" | undefined;
  readonly isForced: boolean;
  /** 1 or more. */
  readonly concurrencyLimit: number | undefined;
  readonly isParallel: boolean;
  readonly log: "interleaved" | "labeled" | "grouped" | undefined;
  readonly isVerbose: boolean;
  readonly isLastDetails: boolean;
  readonly isHelp: boolean;
};

/** `--affected`: which changes count, and how far they reach. */
export type Affected = {
  /** A branch, tag or commit; undefined for the branch that others go into. */
  readonly ref: string | undefined;
  readonly hasDependents: boolean;
};

/** What follows `vt run`, read but not yet looked up. */
export type RunRequest = {
  readonly options: RunOptions;
  readonly task: string | undefined;
  /** All that follows the task's name: it belongs to the task, whatever it looks like. */
  readonly extraArgs: readonly string[];
};

/** Throws a UserError with the code `usage`. */
export function parseRunOptions(args: readonly string[]): RunRequest {
  const { values, rest } = parseOptions(runOptionTable, args);
  const limit = values["concurrency-limit"];
  const options: RunOptions = {
    isRecursive: values.recursive ?? false,
    isTransitive: values.transitive ?? false,
    isWorkspaceRoot: values["workspace-root"] ?? false,
    filters: (values.filter ?? []).flatMap(parseFilters),
    affected: values.affected && parseAffected(values.affected.text),
    isFailingWithoutMatch: values["fail-if-no-match"] ?? false,
    isIgnoringDependsOn: values["ignore-depends-on"] ?? false,
    cache: values.cache,
    isForced: values.force ?? false,
    concurrencyLimit: limit === undefined ? undefined : Math.max(1, limit),
    isParallel: values.parallel ?? false,
    log: values.log,
    isVerbose: values.verbose ?? false,
    isLastDetails: values["last-details"] ?? false,
    isHelp: values.help ?? false,
  };
  const [task, ...extraArgs] = rest;
  const others = Object.keys(values).filter((name) => name !== "last-details" && name !== "help");
  if (options.isLastDetails && (task !== undefined || others.length > 0)) {
    throw excluding("last-details", task === undefined ? `--${others[0]}` : task);
  }
  if (options.isRecursive && options.isTransitive) throw excluding("recursive", "--transitive");
  if (options.filters.length > 0 && options.isTransitive) throw excluding("filter", "--transitive");
  if (options.filters.length > 0 && options.isRecursive) throw excluding("filter", "--recursive");
  if (options.isForced && options.cache === "off") throw excluding("force", "--no-cache");
  return { options, task, extraArgs };
}

function parseAffected(text: string | undefined): Affected {
  const hasDependents = text?.startsWith("...") ?? false;
  const ref = hasDependents ? text?.slice("...".length) : text;
  // It would be an option of git.
  if (ref?.startsWith("-") || text === "")
    throw new UserError("`--affected=` takes a branch, a tag or a commit", { code: "usage" });
  return { ref: ref === "" ? undefined : ref, hasDependents };
}

function excluding(name: string, other: string): UserError {
  return new UserError(`\`--${name}\` and \`${other}\` cannot be used together`, { code: "usage" });
}
