import { UserError } from "../base/error.ts";
import type { Environment } from "../base/host.ts";
import {
  type AbsolutePath,
  inWorkspace,
  printable,
  toWorkspacePath,
  type WorkspacePath,
} from "../base/path.ts";
import type { Task } from "../task/task.ts";
import { type CacheSwitches, decideCacheability } from "./cacheability.ts";
import type { Directory } from "./directory.ts";
import { cachedEnvironment, type EnvironmentSources, fullEnvironment } from "./environment.ts";
import type { SelectEnvironment } from "./environment-selector.ts";
import { describeSearch, type FindProgram } from "./program.ts";
import { shell } from "./shell.ts";
import type { CacheOffReason, Step } from "./step.ts";
import type { TaskCommand } from "./task-commands.ts";

/** What `package.json` says of the package that a script belongs to. */
export type PackageFacts = {
  readonly name?: string | undefined;
  readonly version?: string | undefined;
};

/** What the planning of steps needs to know of the world. */
export type StepPlanner = {
  readonly root: AbsolutePath;
  /** What `vt` means in a command. */
  readonly executable: AbsolutePath;
  /** Where the person started vt. */
  readonly invocationCwd: AbsolutePath;
  readonly workspaceCache: CacheSwitches["workspace"];
  readonly packageFacts: (packagePath: WorkspacePath) => PackageFacts;
  readonly selectEnvironment: SelectEnvironment;
  readonly findProgram: FindProgram;
};

/** What surrounds a command: its task, its directory, and the run that the task is part of. */
export type Surroundings = {
  readonly task: Task;
  readonly directory: Directory;
  readonly parent: Environment;
  readonly cacheFlag: CacheSwitches["flag"];
};

/** `echo`, done by vt itself: the words with spaces between them, and a newline unless `-n` comes first. */
export function planEcho(planner: StepPlanner, around: Surroundings, command: TaskCommand): Step {
  const [, ...args] = command.words;
  const text = args[0] === "-n" ? args.slice(1).join(" ") : `${args.join(" ")}\n`;
  return {
    ...commonParts(around, command),
    ...fullEnvironment(environmentSources(planner, around, command)),
    action: { kind: "echo", text },
    cache: off("built-in"),
  };
}

/** A `vt` command that has to be a process of its own, since it asks for something else than tasks. */
export function planOwnProcess(
  planner: StepPlanner,
  around: Surroundings,
  command: TaskCommand,
  args: readonly string[],
): Step {
  return {
    ...commonParts(around, command),
    ...fullEnvironment(environmentSources(planner, around, command)),
    action: { kind: "process", program: planner.executable, name: "vt", args },
    cache: off("nested-command"),
  };
}

/** A program or, where the command is more than plain words, the shell. Throws a `UserError` when the program is not there. */
export function planProcess(
  planner: StepPlanner,
  around: Surroundings,
  command: TaskCommand,
): Step {
  const sources = environmentSources(planner, around, command);
  const cacheability = decideCacheability(around.task, {
    workspace: planner.workspaceCache,
    flag: around.cacheFlag,
  });
  const common = commonParts(around, command);
  if (cacheability.kind === "off") {
    const variables = fullEnvironment(sources);
    const action = processAction(planner, around, command, variables.environment["PATH"]);
    return { ...common, ...variables, action, cache: cacheability };
  }
  const { cache } = cacheability;
  assertInside(planner.root, around.directory);
  const selector = planner.selectEnvironment(cache.env, cache.untrackedEnv);
  const { trackedEnv, ...variables } = cachedEnvironment(sources, selector);
  const { input, output } = cache;
  const policy = { trackedEnv, untrackedEnv: selector.untrackedPatterns, input, output };
  const action = processAction(planner, around, command, variables.environment["PATH"]);
  return { ...common, ...variables, action, cache: { kind: "on", policy } };
}

function processAction(
  planner: StepPlanner,
  { directory }: Surroundings,
  command: TaskCommand,
  path: string | undefined,
): Step["action"] {
  const [name, ...args] = command.words;
  if (command.isShell) return { kind: "process", program: shell.program, name, args };
  const request = { name, cwd: directory.path, path };
  const program = planner.findProgram(request);
  if (program !== undefined) return { kind: "process", program, name, args };
  throw new UserError(
    `program "${printable(name)}" not found from ${printable(directory.path)}; ` +
      `looked in: ${printable(describeSearch(request))}`,
    {
      code: "program-not-found",
      hint: name.includes("/")
        ? "check that the file exists and is executable"
        : "check the spelling, or install the package that provides it",
    },
  );
}

function commonParts(
  { task, directory }: Surroundings,
  { text, index, extraArgs }: TaskCommand,
): Pick<Step, "key" | "task" | "commandText" | "cwdText" | "cwd"> {
  const { packagePath, task: name } = task.id;
  return {
    key: { packagePath, task: name, index, extraArgs },
    task: task.id,
    commandText: text,
    cwdText: directory.text,
    cwd: directory.path,
  };
}

function environmentSources(
  planner: StepPlanner,
  { task, directory, parent }: Surroundings,
  { script, assignments }: TaskCommand,
): EnvironmentSources {
  const { packagePath } = task.id;
  const facts = script === undefined ? undefined : planner.packageFacts(packagePath);
  return {
    parent,
    root: planner.root,
    packageDirectory: inWorkspace(planner.root, packagePath),
    cwd: directory.path,
    invocationCwd: planner.invocationCwd,
    ...(script !== undefined && {
      script: { name: script, packageName: facts?.name, packageVersion: facts?.version },
    }),
    assignments,
  };
}

/** Nothing that is stored is absolute, and a directory elsewhere has no other name. */
function assertInside(root: AbsolutePath, directory: Directory): void {
  if (toWorkspacePath(root, directory.path) !== undefined) return;
  throw new UserError(`its directory ${printable(directory.path)} lies outside the workspace`, {
    code: "config-invalid",
    hint: "a cached task runs inside the workspace; give this one `cache: false`",
  });
}

function off(kind: CacheOffReason["kind"]): Step["cache"] {
  return { kind: "off", reason: { kind } };
}
