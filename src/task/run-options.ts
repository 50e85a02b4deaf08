import { UserError } from "../base/error.ts";
import { type OptionValues, parseOptions } from "../base/options.ts";
import {
  excluding,
  type PackageOptions,
  packageOptionTable,
  readPackageOptions,
} from "./package-options.ts";

/** The options that say what would run, and with which use of the cache. */
export const planOptionTable = [
  ...packageOptionTable,
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
  {
    name: "continue",
    value: { kind: "none" },
    about: "After a failure, run all that does not depend on it",
  },
  { name: "parallel", value: { kind: "none" }, about: "Run everything at once, in no order" },
] as const;

/** The options of `vt run`, for the parser, the help and completions. They stand before the task's name. */
export const runOptionTable = [
  ...planOptionTable,
  {
    name: "log",
    value: { kind: "choice", values: ["interleaved", "labeled", "grouped"] },
    about: "How the output of tasks is shown",
  },
  {
    name: "quiet",
    short: "q",
    value: { kind: "none" },
    about: "Show only what failed, and the summary",
  },
  { name: "verbose", short: "v", value: { kind: "none" }, about: "Show the full summary" },
  {
    name: "profile",
    value: { kind: "texts", name: "file" },
    about: "Write where the time went, for a trace viewer",
  },
  {
    name: "dry-run",
    value: { kind: "none" },
    about: "Show what would run and what would hit, and run nothing",
  },
  { name: "json", value: { kind: "none" }, about: "With --dry-run: as JSON" },
  {
    name: "last-details",
    value: { kind: "none" },
    about: "Show the full summary of the last run, and run nothing",
  },
  { name: "help", short: "h", value: { kind: "none" }, about: "Show this" },
] as const;

export type PlanOptions = PackageOptions & {
  readonly isIgnoringDependsOn: boolean;
  readonly cache: "on" | "off" | undefined;
  readonly isForced: boolean;
  /** 1 or more. */
  readonly concurrencyLimit: number | undefined;
  readonly isParallel: boolean;
  readonly isContinuing: boolean;
};

type RunOptions = PlanOptions & {
  readonly log: "interleaved" | "labeled" | "grouped" | undefined;
  readonly isQuiet: boolean;
  readonly isVerbose: boolean;
  /** The file that it is written to. */
  readonly profile: string | undefined;
  readonly dryRun: "text" | "json" | undefined;
  readonly isLastDetails: boolean;
  readonly isHelp: boolean;
};

/** Which task is meant, read but not yet looked up. */
export type PlanRequest = {
  readonly options: PlanOptions;
  readonly task: string | undefined;
  /** All that follows the task's name: it belongs to the task, whatever it looks like. */
  readonly extraArgs: readonly string[];
};

/** What follows `vt run`. */
export type RunRequest = PlanRequest & {
  readonly options: RunOptions;
  /** Whether a person chose the task: another time the same command line may mean another one. */
  readonly isPicked?: boolean;
};

/** For whoever has named no task. */
export const taskHint = "`vt ls` lists the tasks";

/** For an option in front of a task that vt does not know. */
export const taskOptionsHint = "options for the task itself go after its name";

/** Throws a UserError with the code `usage`. */
export function parseRunOptions(args: readonly string[]): RunRequest {
  const { values, rest } = parseOptions(runOptionTable, args, taskOptionsHint);
  const options: RunOptions = {
    ...readPlanOptions(values),
    log: values.log,
    isQuiet: values.quiet ?? false,
    isVerbose: values.verbose ?? false,
    profile: values.profile?.at(-1),
    dryRun: values["dry-run"] && (values.json ? "json" : "text"),
    isLastDetails: values["last-details"] ?? false,
    isHelp: values.help ?? false,
  };
  const [task, ...extraArgs] = rest;
  const others = Object.keys(values).filter((name) => name !== "last-details" && name !== "help");
  if (options.isLastDetails && (task !== undefined || others.length > 0)) {
    throw excluding("last-details", task === undefined ? `--${others[0]}` : task);
  }
  if (values.json && options.dryRun === undefined)
    throw new UserError("`--json` needs `--dry-run`", { code: "usage" });
  return { options, task, extraArgs };
}

/** Options that other runners take behind the task. Here they are arguments of the task, which runs. */
const oftenMisplaced = [
  "--dry-run",
  "--filter",
  "--affected",
  "--recursive",
  "--concurrency-limit",
];

/** The first of a task's arguments that was hardly meant for it; undefined when there is none. */
export function misplacedOption({ extraArgs }: RunRequest): string | undefined {
  return extraArgs.find((arg) => oftenMisplaced.includes(arg.replace(/=.*$/s, "")));
}

/** Throws a UserError with the code `usage` for options that exclude each other. */
export function readPlanOptions(values: OptionValues<typeof planOptionTable>): PlanOptions {
  const limit = values["concurrency-limit"];
  const options: PlanOptions = {
    ...readPackageOptions(values),
    isIgnoringDependsOn: values["ignore-depends-on"] ?? false,
    cache: values.cache,
    isForced: values.force ?? false,
    concurrencyLimit: limit === undefined ? undefined : Math.max(1, limit),
    isParallel: values.parallel ?? false,
    isContinuing: values.continue ?? false,
  };
  if (options.isForced && options.cache === "off") throw excluding("force", "--no-cache");
  return options;
}
