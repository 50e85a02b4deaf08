import { UserError } from "../base/error.ts";
import {
  type AbsolutePath,
  inWorkspace,
  nameOf,
  printable,
  toWorkspacePath,
} from "../base/path.ts";
import type { QueryContext } from "../task/query.ts";
import type { Task } from "../task/task.ts";
import { readManifest } from "../workspace/manifest.ts";
import type { Package } from "../workspace/package-graph.ts";
import { type CacheSwitches, decideCacheability } from "./cacheability.ts";
import type { Directory } from "./directory.ts";
import {
  cachedEnvironment,
  type EnvironmentSources,
  fullEnvironment,
  type ParentEnvironment,
} from "./environment.ts";
import type { Planner } from "./planner.ts";
import { describeNotFound, hasPlugAndPlay, type ProgramRequest } from "./program.ts";
import { shell } from "./shell.ts";
import type { CacheOffReason, Step } from "./step.ts";
import type { TaskCommand } from "./task-commands.ts";

/** What holds for all steps of a run, unless they say otherwise. */
export type RunSettings = {
  /** What vt was started with, and the assignments in front of the nested runs that led here. */
  readonly environment: ParentEnvironment;
  readonly cacheFlag: CacheSwitches["flag"];
  readonly isForced: boolean;
  readonly isContinuing: boolean;
};

/** What surrounds a command. */
export type Surroundings = {
  readonly task: Task;
  readonly directory: Directory;
  readonly settings: RunSettings;
  /** Nothing runs before it for its sake. */
  readonly isFirst: boolean;
};

/** `echo`, done by vt itself: the words with spaces between them, and a newline unless `-n` comes first. */
export function planEcho(planner: Planner, around: Surroundings, command: TaskCommand): Step {
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
  planner: Planner,
  around: Surroundings,
  command: TaskCommand,
  args: readonly string[],
): Step {
  return {
    ...commonParts(around, command),
    ...fullEnvironment(environmentSources(planner, around, command)),
    action: { kind: "process", program: planner.host.executable, name: "vt", args },
    cache: off("nested-command"),
  };
}

/** A program or, where the command is more than plain words, the shell. Throws a `UserError` when the program is not there. */
export function planProcess(planner: Planner, around: Surroundings, command: TaskCommand): Step {
  const sources = environmentSources(planner, around, command);
  const cacheability = decideCacheability(around.task, {
    workspace: planner.workspace.tasks.config.cache,
    flag: around.settings.cacheFlag,
    isSwitchedOff: planner.isCacheOff,
  });
  const common = commonParts(around, command);
  if (cacheability.kind === "off") {
    const variables = fullEnvironment(sources);
    const action = processAction(planner, around, command, variables.environment["PATH"]);
    return { ...common, ...variables, action, cache: cacheability };
  }
  const { isForced } = around.settings;
  const { env, untrackedEnv, input, output } = cacheability.cache;
  assertInside(planner.workspace.root, around.directory);
  const selector = planner.selectEnvironment(env, untrackedEnv);
  const { trackedEnv, ...variables } = cachedEnvironment(sources, selector);
  const policy = {
    trackedEnv,
    untrackedEnv: selector.untrackedPatterns,
    listedUntrackedEnv: untrackedEnv,
    input,
    output,
  };
  const action = processAction(planner, around, command, variables.environment["PATH"]);
  return { ...common, ...variables, action, cache: { kind: "on", policy, isForced } };
}

function processAction(
  planner: Planner,
  { directory, isFirst }: Surroundings,
  command: TaskCommand,
  path: string | undefined,
): Step["action"] {
  const [name, ...args] = command.words;
  if (command.isShell && shell.program !== undefined)
    return { kind: "process", program: shell.program, name, args };
  const request = { name, cwd: directory.path, path };
  const { found, expected } = planner.locateProgram(request);
  if (expected !== undefined && !isFirst)
    return { kind: "process", program: expected, search: "expected", name, args };
  if (found !== undefined) return { kind: "process", program: found, search: "found", name, args };
  const byYarn = findByYarn(planner, request);
  if (byYarn !== undefined)
    return {
      ...{ kind: "process", program: byYarn, search: "found", name: "yarn" },
      args: ["run", "-B", name, ...args],
    };
  const { root } = planner.workspace;
  throw new UserError(describeNotFound(request, root), {
    code: "program-not-found",
    hint: adviseOnMissing(name, planner.workspace),
  });
}

/** Yarn, where it has not made a file of the program: it finds it, or says that there is none. */
function findByYarn(planner: Planner, request: ProgramRequest): AbsolutePath | undefined {
  if (request.name.includes("/") || !hasPlugAndPlay(planner.workspace.root, [".pnp.cjs"]))
    return undefined;
  return planner.locateProgram({ ...request, name: "yarn" }).found;
}

function adviseOnMissing(name: string, { root, packages }: QueryContext): string {
  if (name.includes("/")) return "check that the file exists and is executable";
  if (hasPlugAndPlay(root))
    return `this workspace uses Yarn's Plug'n'Play, which has no node_modules/.bin: write \`yarn run ${printable(name)}\`, or \`nodeLinker: node-modules\` in .yarnrc.yml`;
  const provider = [...packages.packages.values()].find((one) => hasCommand(one, name));
  return provider === undefined
    ? "check the spelling, or install the package that provides it"
    : `${printable(provider.manifest.name)} in this workspace provides it: build that first, and install again if node_modules/.bin does not have it then`;
}

/** Whether it is among the `bin` of a package. */
function hasCommand({ directory, manifest }: Package, name: string): boolean {
  const { bin } = (readManifest(directory)?.document.data ?? {}) as { readonly bin?: unknown };
  if (typeof bin === "string") return nameOf(manifest.name) === name;
  return typeof bin === "object" && bin !== null && Object.hasOwn(bin, name);
}

function commonParts(
  { task, directory }: Surroundings,
  { text, index, extraArgs }: TaskCommand,
): Pick<Step, "key" | "task" | "isScript" | "commandText" | "cwdText" | "cwd"> {
  const { packagePath, task: name } = task.id;
  return {
    key: { packagePath, task: name, index, extraArgs },
    task: task.id,
    ...(task.origin === "script" && { isScript: true }),
    commandText: text,
    cwdText: directory.text,
    cwd: directory.path,
  };
}

function environmentSources(
  planner: Planner,
  { task, directory, settings }: Surroundings,
  { script, assignments }: TaskCommand,
): EnvironmentSources {
  const { root, packages } = planner.workspace;
  const { packagePath } = task.id;
  const owner = packages.packages.get(packagePath);
  const manifest = owner?.manifest;
  return {
    parent: settings.environment,
    root,
    packageDirectory: owner?.directory ?? inWorkspace(root, packagePath),
    cwd: directory.path,
    invocationCwd: planner.host.cwd,
    script:
      script === undefined || manifest === undefined
        ? undefined
        : { name: script, packageName: manifest.name, packageVersion: manifest.version },
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
