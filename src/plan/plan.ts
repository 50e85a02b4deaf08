import { UserError } from "../base/error.ts";
import type { Environment } from "../base/host.ts";
import { printable } from "../base/path.ts";
import { parseRunOptions } from "../task/run-options.ts";
import { displayTaskId, type Task, taskKey } from "../task/task.ts";
import type { CacheSwitches } from "./cacheability.ts";
import { concurrencyOf } from "./concurrency.ts";
import { changeDirectory, type Directory, directoryAt } from "./directory.ts";
import { isSameQuery, type Query, type SelectedTask, withoutTask } from "./nested-run.ts";
import { readOwnCommand } from "./own-command.ts";
import { planEcho, planOwnProcess, planProcess, type StepPlanner } from "./plan-step.ts";
import type { ExecutionGraph, ExecutionNode, PlanItem } from "./step.ts";
import { commandsOf, type TaskCommand } from "./task-commands.ts";

/** What planning needs to know of the world. It touches nothing but through these. */
export type Planner = StepPlanner & {
  /** The tasks that a query means, dependencies first. Throws a `UserError` when it means none. */
  readonly select: (query: Query) => readonly SelectedTask[];
};

/** A run that is being planned: the one of the command line, or one that a command asks for. */
type Run = {
  readonly query: Query;
  readonly environment: Environment;
  readonly cacheFlag: CacheSwitches["flag"];
  /** The tasks whose commands led here, outermost first. */
  readonly callers: readonly Task[];
};

/**
 * Works out exactly what will run, nested runs included, down to the executable and the environment
 * of every process.
 *
 * Throws a `UserError` when any part of it cannot run: then nothing does.
 */
export function plan(planner: Planner, query: Query, environment: Environment): ExecutionGraph {
  return planRun(planner, { query, environment, cacheFlag: query.run.options.cache, callers: [] });
}

function planRun(planner: Planner, run: Run): ExecutionGraph {
  const { options, extraArgs } = run.query.run;
  const selected = planner.select(run.query);
  const caller = run.callers.at(-1);
  const tasks = caller === undefined ? selected : withoutTask(selected, taskKey(caller.id));
  const indices = new Map(tasks.map(({ task }, index) => [taskKey(task.id), index]));
  const nodes = tasks.map(({ task, dependencies, isNamed }): ExecutionNode => {
    assertNotCalledBefore(run.callers, task);
    return {
      task: task.id,
      items: planTask(planner, run, { task, extraArgs: isNamed ? extraArgs : [] }),
      dependencies: options.isParallel ? [] : dependencies.flatMap((key) => indices.get(key) ?? []),
    };
  });
  return { nodes, concurrency: concurrencyOf(options, run.environment) };
}

const nestingMax = 100;

function assertNotCalledBefore(callers: readonly Task[], task: Task): void {
  const key = taskKey(task.id);
  const first = callers.findIndex((caller) => taskKey(caller.id) === key);
  if (first < 0 && callers.length < nestingMax) return;
  const names = [...callers.slice(Math.max(0, first)), task].map(({ id }) => displayTaskId(id));
  throw new UserError(
    first < 0
      ? `\`vt run\` inside \`vt run\`, more than ${nestingMax} deep`
      : `A task runs itself without end: ${names.join(" -> ")}`,
    { code: "recursion", hint: "take one of these `vt run` out of its command" },
  );
}

type TaskCall = { readonly task: Task; readonly extraArgs: readonly string[] };

function planTask(planner: Planner, run: Run, { task, extraArgs }: TaskCall): PlanItem[] {
  const start = directoryAt(planner.root, task.cwd);
  let directory = start;
  const items: PlanItem[] = [];
  for (const command of explain(inTask(task), () => commandsOf(task, extraArgs))) {
    if (command.isFirstOfScript) directory = start;
    if (command.words[0] === "cd") {
      directory = explain(inTask(task), () => planCd(planner, run, { directory, command }));
    } else {
      items.push(...planCommand(planner, run, { task, directory, command }));
    }
  }
  return items;
}

type Place = { readonly directory: Directory; readonly command: TaskCommand };

/** Where a `cd` leads; the commands after it run there, and it is no step itself. */
function planCd(planner: Planner, run: Run, { directory, command }: Place): Directory {
  const [, target, ...more] = command.words;
  if (more.length > 0) {
    throw new UserError(`Too many args for \`cd\`: ${printable(command.text)}`, {
      code: "config-invalid",
      hint: "it takes one directory; extra arguments go to the last command of a task",
    });
  }
  const home = new Map([["HOME", run.environment["HOME"]], ...command.assignments]).get("HOME");
  const to = target ?? home;
  if (to === undefined) {
    throw new UserError("`cd` without a directory goes to HOME, which is not set", {
      code: "environment-invalid",
      hint: "name a directory",
    });
  }
  return changeDirectory(planner.root, directory, to);
}

/** Nothing, for a nested run that asks for what is being run already. */
function planCommand(
  planner: Planner,
  run: Run,
  place: Place & { readonly task: Task },
): PlanItem[] {
  const { task, command } = place;
  const around = { ...place, parent: run.environment, cacheFlag: run.cacheFlag };
  const own = command.isShell ? undefined : readOwnCommand(command.words);
  const nested = own?.runArgs && explain(inTask(task), () => parseRunOptions(own.runArgs));
  if (nested?.task !== undefined) {
    const query = { run: nested, cwd: place.directory.path };
    return planNestedRun(planner, run, { task, command, query });
  }
  const step = explain(inTask(task), () => {
    if (own !== undefined) return planOwnProcess(planner, around, command, own.args);
    return command.words[0] === "echo"
      ? planEcho(planner, around, command)
      : planProcess(planner, around, command);
  });
  return [{ kind: "step", step }];
}

type NestedRun = {
  readonly task: Task;
  readonly command: TaskCommand;
  readonly query: Query;
};

function planNestedRun(
  planner: Planner,
  run: Run,
  { task, command, query }: NestedRun,
): PlanItem[] {
  if (isSameQuery(query, run.query)) return [];
  const graph = explain(
    `Failed to plan tasks from \`${command.text}\` in task ${displayTaskId(task.id)}\n* `,
    () =>
      planRun(planner, {
        query,
        environment: { ...run.environment, ...Object.fromEntries(command.assignments) },
        cacheFlag: query.run.options.cache ?? run.cacheFlag,
        callers: [...run.callers, task],
      }),
  );
  return [{ kind: "nested", graph }];
}

function inTask(task: Task): string {
  return `task ${displayTaskId(task.id)}: `;
}

/** Puts in front of what went wrong where it did. */
function explain<Result>(prefix: string, planPart: () => Result): Result {
  try {
    return planPart();
  } catch (cause) {
    if (!(cause instanceof UserError)) throw cause;
    const { message, code, hint } = cause;
    // A mistake in a command of a task is none in how vt was called.
    throw new UserError(prefix + message, {
      code: code === "usage" ? "config-invalid" : code,
      hint,
      cause,
    });
  }
}
