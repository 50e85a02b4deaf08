import { UserError } from "../base/error.ts";
import { printable } from "../base/path.ts";
import { isSameQuery, type RunQuery, resolveQuery, selectTasks } from "../task/query.ts";
import { type PlanRequest, parseRunOptions, type RunRequest } from "../task/run-options.ts";
import { displayTaskId, type Task, taskKey } from "../task/task.ts";
import { concurrencyOf } from "./concurrency.ts";
import { changeDirectory, type Directory, directoryAt } from "./directory.ts";
import { enterAssignments, readParentEnvironment } from "./environment.ts";
import { createSelectEnvironment } from "./environment-selector.ts";
import { type OwnCommand, readOwnCommand, withoutTask } from "./nested-run.ts";
import { planEcho, planOwnProcess, planProcess, type RunSettings } from "./plan-step.ts";
import type { Planner, PlanWorld } from "./planner.ts";
import type { ExecutionGraph, ExecutionNode, PlanItem, Step } from "./step.ts";
import { commandsOf, createSplitText, type TaskCommand } from "./task-commands.ts";
import { withoutRepeats } from "./without-repeats.ts";

/**
 * Works out exactly what will run, nested runs included, down to the executable and the environment
 * of every process. It touches the world through `world` only.
 *
 * Throws a `UserError` when any part of it cannot run: then nothing does.
 */
export function plan(world: PlanWorld, request: PlanRequest): ExecutionGraph {
  const { options } = request;
  const count = { commands: 0, ownRuns: 0 };
  const graph = planRun(
    {
      ...world,
      selectEnvironment: createSelectEnvironment(),
      splitText: createSplitText(),
      count,
    },
    {
      request,
      query: resolveQuery(request, world.host.cwd, world.workspace),
      settings: {
        environment: readParentEnvironment(world.host.environment),
        cacheFlag: options.cache,
        isForced: options.isForced,
        isContinuing: options.isContinuing,
      },
      callers: [],
    },
  );
  if (count.ownRuns > 0 && !hasStep(graph)) {
    const names = graph.nodes.map(({ task }) => printable(displayTaskId(task))).join(", ");
    world.warn(`Nothing to run: all that ${names} asks for is itself`);
  }
  return graph;
}

function hasStep({ nodes }: ExecutionGraph): boolean {
  return nodes.some(({ items }) =>
    items.some((item) => item.kind === "step" || hasStep(item.graph)),
  );
}

/** A run that is being planned: the one of the command line, or one that a command asks for. */
type Run = {
  readonly request: PlanRequest;
  readonly query: RunQuery;
  readonly settings: RunSettings;
  /** The tasks whose commands led here, outermost first. */
  readonly callers: readonly Task[];
};

function planRun(planner: Planner, run: Run): ExecutionGraph {
  const { options, extraArgs } = run.request;
  for (const notice of run.query.notices) planner.warn(notice);
  const selected = selectTasks(run.query, planner.workspace);
  if (selected.length === 0 && run.query.packages.length > 0)
    planner.warn(`No affected package has the task ${printable(run.query.task)}`);
  const caller = run.callers.at(-1);
  // A task that asks for itself among others means the others.
  const tasks = caller === undefined ? selected : withoutTask(selected, taskKey(caller.id));
  if (tasks.length < selected.length) planner.count.ownRuns += 1;
  const indices = new Map(tasks.map(({ task }, index) => [taskKey(task.id), index]));
  const nodes = tasks.map(({ task, dependencies, isNamed }): ExecutionNode => {
    assertNotCalledBefore(run.callers, task);
    return {
      task: task.id,
      items: planTask(planner, run, {
        task,
        extraArgs: isNamed ? extraArgs : [],
        isFirst: run.callers.length === 0 && dependencies.length === 0,
      }),
      dependencies: options.isParallel ? [] : dependencies.flatMap((key) => indices.get(key) ?? []),
      ...(task.timeoutMs !== undefined && { timeoutMs: task.timeoutMs }),
    };
  });
  return {
    nodes: withoutRepeats(nodes),
    concurrency: concurrencyOf(options, run.settings.environment.settings),
    ...(run.settings.isContinuing && { isContinuing: true }),
  };
}

const nestingMax = 100;

function assertNotCalledBefore(callers: readonly Task[], task: Task): void {
  if (callers.length === 0) return;
  const key = taskKey(task.id);
  const first = callers.findIndex((caller) => taskKey(caller.id) === key);
  const hint = "take one of these `vt run` out of its command";
  if (first >= 0) {
    const names = [...callers.slice(first), task].map(displayTask).join(" -> ");
    throw new UserError(`Detected a recursion: ${names}`, { code: "recursion", hint });
  }
  if (callers.length >= nestingMax) {
    const message = `\`vt run\` inside \`vt run\`, more than ${nestingMax} deep`;
    throw new UserError(message, { code: "recursion", hint });
  }
}

/** A task of twenty that each run the next one twice has a million commands. */
const commandsMax = 100_000;

type TaskCall = {
  readonly task: Task;
  readonly extraArgs: readonly string[];
  /** Nothing is run for its sake before it. */
  readonly isFirst: boolean;
};

function planTask(planner: Planner, run: Run, { task, extraArgs, isFirst }: TaskCall): PlanItem[] {
  const start = directoryAt(planner.workspace.root, task.cwd);
  const { packages } = planner.workspace.packages;
  const isElsewhere = task.cwd !== packages.get(task.id.packagePath)?.directory;
  if (isFirst && isElsewhere && !planner.isDirectory(task.cwd)) throw noDirectory(task);
  let directory = start;
  const items: PlanItem[] = [];
  for (const command of commandsOf(task, extraArgs, planner.splitText)) {
    planner.count.commands += 1;
    if (planner.count.commands > commandsMax) throw tooManyCommands();
    if (command.isFirstOfScript) directory = start;
    const place = {
      ...{ task, directory, command },
      own: readOwnCommand(command.words),
      isFirst: isFirst && items.length === 0,
    };
    explain(place, () => {
      if (command.words[0] === "cd") directory = planCd(planner, run, place);
      else items.push(...planCommand(planner, run, place));
    });
  }
  return items;
}

function noDirectory(task: Task): UserError {
  const message = `the \`cwd\` of task ${displayTask(task)} is no directory: ${printable(task.cwd)}`;
  return new UserError(message, {
    code: "config-invalid",
    hint: "make it, correct `cwd` in vite-task.json, or let `dependsOn` name the task that makes it",
  });
}

function tooManyCommands(): UserError {
  return new UserError(`the plan has more than ${commandsMax} commands`, {
    code: "recursion",
    hint: "nested `vt run` multiply; let tasks depend on each other instead",
  });
}

/** A command, and where it stands. */
type Place = {
  readonly task: Task;
  readonly directory: Directory;
  readonly command: TaskCommand;
  readonly own: OwnCommand | undefined;
  readonly isFirst: boolean;
};

/** Says of what the person must put right in which command it is. */
function explain({ task, command, own }: Place, planPlace: () => void): void {
  try {
    planPlace();
  } catch (cause) {
    if (!(cause instanceof UserError)) throw cause;
    const what = `${own?.runArgs ? "tasks from " : ""}\`${printable(command.text)}\``;
    throw new UserError(`Failed to plan ${what} in task ${displayTask(task)}`, {
      // A mistake in the command of a task is none in how vt was called.
      code: cause.code === "usage" ? "config-invalid" : cause.code,
      hint: cause.hint,
      cause,
    });
  }
}

function displayTask({ id }: Task): string {
  return printable(displayTaskId(id));
}

/** `cd` is no step: the commands after it run where it leads. */
function planCd({ workspace }: Planner, { settings }: Run, place: Place): Directory {
  const [, ...args] = place.command.words;
  const assigned = Object.fromEntries(place.command.assignments)["HOME"];
  const home = assigned ?? settings.environment.variables["HOME"];
  return changeDirectory(workspace.root, place.directory, args, home);
}

/** Nothing, for a nested run that asks for what is being run already. */
function planCommand(planner: Planner, run: Run, place: Place): readonly PlanItem[] {
  const { task, directory, command, own, isFirst } = place;
  const request = own?.runArgs && parseRunOptions(own.runArgs);
  if (request?.task !== undefined && !isOnlyShown(request)) {
    const nested = enterNestedRun(planner, run, { ...place, request });
    if (nested !== undefined) return [{ kind: "nested", graph: planRun(planner, nested) }];
    planner.count.ownRuns += 1;
    return [];
  }
  const around = { task, directory, settings: run.settings, isFirst };
  if (own !== undefined) return [step(planOwnProcess(planner, around, command, own.args))];
  if (command.words[0] === "echo") return [step(planEcho(planner, around, command))];
  return [step(planProcess(planner, around, command))];
}

function isOnlyShown({ options }: RunRequest): boolean {
  return options.isHelp || options.dryRun !== undefined;
}

function step(planned: Step): PlanItem {
  return { kind: "step", step: planned };
}

type NestedRun = Place & { readonly request: PlanRequest };

/** Undefined when it asks for what is being run already. */
function enterNestedRun(
  planner: Planner,
  { query: outer, settings, callers }: Run,
  { task, directory, command, request }: NestedRun,
): Run | undefined {
  const query = resolveQuery(request, directory.path, planner.workspace);
  if (isSameQuery(query, outer)) return undefined;
  const { cache, isForced, isContinuing } = request.options;
  return {
    request,
    query,
    settings: {
      environment: enterAssignments(settings.environment, command.assignments),
      cacheFlag: cache ?? settings.cacheFlag,
      isForced: isForced || settings.isForced,
      isContinuing: isContinuing || settings.isContinuing,
    },
    callers: [...callers, task],
  };
}
