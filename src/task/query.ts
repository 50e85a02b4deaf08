import { UserError } from "../base/error.ts";
import { sortTopologically } from "../base/graph.ts";
import { suggest } from "../base/nearest.ts";
import type { AbsolutePath, WorkspacePath } from "../base/path.ts";
import { printable } from "../base/path.ts";
import { displayPackage } from "../workspace/package-graph.ts";
import { type PlanRequest, taskHint } from "./run-options.ts";
import { type PackageContext, selectedPackages } from "./selected-packages.ts";
import { displayTaskId, type Task, taskKey } from "./task.ts";
import type { TaskGraph } from "./task-graph.ts";
import { parseTaskSpecifier } from "./task-specifier.ts";

/** What a `vt run` asks for, its packages worked out. */
export type RunQuery = {
  /** Sorted by path. */
  readonly packages: readonly WorkspacePath[];
  readonly task: string;
  readonly dependsOn: "followed" | "ignored";
  /** Whether changes decide, so that packages without the task are nobody's mistake. */
  readonly isNarrowed: boolean;
  /** What the person should know of options that select nothing. */
  readonly notices: readonly string[];
};

export type SelectedTask = {
  readonly task: Task;
  /** Keys of tasks that are selected, too, and come before it. */
  readonly dependencies: readonly string[];
  /** Whether the query named it, and not only the `dependsOn` of another task. */
  readonly isNamed: boolean;
};

export type QueryContext = PackageContext & { readonly tasks: TaskGraph };

/**
 * Works out the packages that a request, made in the directory `cwd`, is about. Throws a UserError
 * when it names no task, an unknown or ambiguous package, or one beside an option that selects others.
 */
export function resolveQuery(
  { options, task: text }: PlanRequest,
  cwd: AbsolutePath,
  context: QueryContext,
): RunQuery {
  if (text === undefined) {
    throw new UserError("No task given", {
      code: "usage",
      hint: `write \`vt run <task>\`; ${taskHint}`,
    });
  }
  const { packageName, task } = parseTaskSpecifier(text);
  if (task === "") throw namesNoTask(text);
  return {
    ...selectedPackages(options, packageName, cwd, context),
    task,
    dependsOn: options.isIgnoringDependsOn ? "ignored" : "followed",
    isNarrowed: options.affected !== undefined,
  };
}

function namesNoTask(text: string): UserError {
  const what =
    text === ""
      ? "The name of the task is empty"
      : `\`${printable(text)}\` ends before a task is named`;
  return new UserError(what, { code: "usage", hint: taskHint });
}

/** Whether two queries select the same, so that one inside the other would never end. */
export function isSameQuery(a: RunQuery, b: RunQuery): boolean {
  return (
    a.task === b.task &&
    a.dependsOn === b.dependsOn &&
    a.packages.length === b.packages.length &&
    a.packages.every((path, index) => path === b.packages[index])
  );
}

/**
 * The tasks that a query means, dependencies first. Among tasks of one name the order is that of
 * their packages, also through packages that have no such task; `dependsOn` adds tasks of any
 * package. None where no package is selected, or the task is in none of those that changed. Throws a
 * UserError when there is no such task, and for a cycle.
 */
export function selectTasks(query: RunQuery, context: QueryContext): readonly SelectedTask[] {
  const { tasks } = context.tasks;
  const named = orderByPackages(query, context);
  if (named.size === 0) {
    if (query.isNarrowed ? isTaskAnywhere(query, context) : query.packages.length === 0) return [];
    throw notFound(query, context);
  }
  const graph = new Map<string, readonly string[]>(named);
  // A Map hands out what is added to it while it is being walked.
  for (const [key, before] of graph) {
    const added = query.dependsOn === "followed" ? (tasks.get(key)?.dependencies ?? []) : [];
    if (added.length > 0) graph.set(key, [...new Set([...before, ...added])]);
    for (const dependency of added) {
      if (!graph.has(dependency)) graph.set(dependency, []);
    }
  }
  const order = sortTopologically(graph);
  if (order.kind === "cycle") throw cycle(order.nodes, tasks);
  return order.nodes.flatMap((key) => {
    const task = tasks.get(key);
    return task ? [{ task, dependencies: graph.get(key) ?? [], isNamed: named.has(key) }] : [];
  });
}

/** The query's tasks by key, each with those that the order of the packages puts before it. */
function orderByPackages(
  query: RunQuery,
  { packages, tasks }: QueryContext,
): ReadonlyMap<string, readonly string[]> {
  const selected = new Set(query.packages);
  const keys = new Map<WorkspacePath, string>();
  for (const path of selected) {
    const key = taskKey({ packagePath: path, task: query.task });
    if (tasks.tasks.has(key)) keys.set(path, key);
  }
  const ordered = new Map<string, readonly string[]>();
  for (const [path, key] of keys) {
    const before: string[] = [];
    const seen = new Set([path]);
    // A Set hands out what is added to it while it is being walked.
    for (const passed of seen) {
      const end = passed === path ? undefined : keys.get(passed);
      if (end !== undefined) {
        before.push(end);
        continue;
      }
      for (const { target } of packages.edges.get(passed) ?? [])
        if (selected.has(target)) seen.add(target);
    }
    ordered.set(key, before);
  }
  return ordered;
}

function isTaskAnywhere({ task }: RunQuery, { tasks }: QueryContext): boolean {
  return [...tasks.tasks.values()].some(({ id }) => id.task === task);
}

function notFound(
  { packages: paths, task, isNarrowed }: RunQuery,
  context: QueryContext,
): UserError {
  const ids = [...context.tasks.tasks.values()].map(({ id }) => id);
  const selected = new Set(paths);
  const candidates = ids.flatMap((id) => (selected.has(id.packagePath) ? [id.task] : []));
  const [first] = paths.flatMap((path) => context.packages.packages.get(path) ?? []);
  const where =
    paths.length === 1 && first !== undefined && !isNarrowed
      ? `package ${displayPackage(first)}`
      : isNarrowed
        ? "any package"
        : `any of the ${paths.length} selected packages`;
  const own = suggest(task, candidates);
  const others = suggest(task, ids.map(displayTaskId));
  const isElsewhere = paths.length === 1 && ids.filter((id) => id.task === task).length > 1;
  const all = isElsewhere ? " `-r` runs it in every package that has it" : "";
  const elsewhere = suggest(
    task,
    ids.map((id) => id.task),
  );
  const nearest =
    own ??
    (others && `${others}${all}`) ??
    (elsewhere && `${elsewhere} \`vt ls\` tells which packages have it`);
  const affected = `a ref is written \`--affected=${printable(task)}\``;
  return new UserError(`Task \`${printable(task)}\` not found in ${where}`, {
    code: "task-not-found",
    hint: nearest ?? (isNarrowed ? affected : undefined),
  });
}

function cycle(keys: readonly string[], tasks: ReadonlyMap<string, Task>): UserError {
  const ids = keys.flatMap((key) => tasks.get(key)?.id ?? []);
  const [first] = ids;
  const names = [...ids, ...(first ? [first] : [])].map((id) => printable(displayTaskId(id)));
  const isAmongPackages = new Set(ids.map(({ packagePath }) => packagePath)).size > 1;
  return new UserError(`Cycle dependency detected: ${names.join(" -> ")}`, {
    code: "dependency-cycle",
    hint: isAmongPackages
      ? "break it in a `dependsOn`, or in the dependencies of these packages"
      : "break it in a `dependsOn`",
  });
}
