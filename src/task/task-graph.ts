import { type Document, fieldError } from "../base/document.ts";
import { UserError } from "../base/error.ts";
import { suggest } from "../base/nearest.ts";
import { printable, resolvePath, type WorkspacePath, workspacePath } from "../base/path.ts";
import { readAhead } from "../native/read-ahead.ts";
import { displayPackage, type Package, type PackageGraph } from "../workspace/package-graph.ts";
import type { CacheConfig, Config } from "./config.ts";
import { type ConfigFile, configPath, readConfigFile } from "./config-file.ts";
import { resolveDependsOn } from "./depends-on.ts";
import { resolveGlobs } from "./glob-config.ts";
import { scriptTasks } from "./scripts.ts";
import { type GlobConfig, type Task, type TaskCache, type TaskId, taskKey } from "./task.ts";

/** What the root's `vite-task.json` says about all tasks, defaults filled in. */
type WorkspaceConfig = {
  readonly cache: { readonly tasks: boolean; readonly scripts: boolean };
  readonly hasPrePostScripts: boolean;
};

export type TaskGraph = {
  /** By `taskKey`; packages by path, in each first its tasks, then its scripts, as written. */
  readonly tasks: ReadonlyMap<string, Task>;
  readonly config: WorkspaceConfig;
};

/**
 * Reads the tasks of every package and resolves what they depend on. Throws a UserError for any
 * mistake anywhere in the workspace: a run of one package must not depend on luck in another.
 */
export function loadTasks(graph: PackageGraph): TaskGraph {
  const files = readConfigFiles(graph);
  const config = workspaceConfig(files.get(workspacePath(""))?.config);
  const tasks = new Map<string, Task>();
  for (const from of graph.packages.values()) {
    const scripts = scriptTasks(from, config.hasPrePostScripts ? "on" : "off");
    const file = files.get(from.path);
    const configured = file === undefined ? [] : configuredTasks(file, from, scripts);
    const named = new Set(configured.map(({ id }) => id.task));
    const others = scripts.filter(({ id }) => !named.has(id.task));
    for (const task of [...configured, ...others]) tasks.set(taskKey(task.id), task);
  }
  return { tasks: withDependencies(tasks, graph, files), config };
}

function readConfigFiles({ packages }: PackageGraph): ReadonlyMap<WorkspacePath, ConfigFile> {
  const files = new Map<WorkspacePath, ConfigFile>();
  const all = [...packages.values()];
  const read = readAhead(all.map(({ directory }) => configPath(directory)));
  for (const { path, directory } of all) {
    const file = readConfigFile(directory, path === "" ? "root" : "package", read);
    if (file !== undefined) files.set(path, file);
  }
  return files;
}

function workspaceConfig(config: Config | undefined): WorkspaceConfig {
  const cache = config?.cache ?? {};
  return {
    cache:
      typeof cache === "boolean"
        ? { tasks: cache, scripts: cache }
        : { tasks: cache.tasks ?? true, scripts: cache.scripts ?? false },
    hasPrePostScripts: config?.enablePrePostScripts ?? true,
  };
}

function configuredTasks(
  { config, document }: ConfigFile,
  from: Package,
  scripts: readonly Task[],
): readonly Task[] {
  const byName = new Map(scripts.map((script) => [script.id.task, script]));
  return [...config.tasks].map(([name, task]): Task => {
    const id = { packagePath: from.path, packageName: from.name, task: name };
    return {
      id,
      ...whatRuns(document, { id, commands: task.commands, scripts: byName }),
      cwd: resolvePath(from.directory, task.cwd),
      ...(task.timeoutMs !== undefined && { timeoutMs: task.timeoutMs }),
      dependencies: [],
      cache: task.cache === false ? false : resolveCache(document, from, task.cache),
    };
  });
}

type Candidates = {
  readonly id: TaskId;
  readonly commands: readonly string[] | undefined;
  /** Those of its package, by name. */
  readonly scripts: ReadonlyMap<string, Task>;
};

/** A task names its command, or it means the script of its name; never both. */
function whatRuns(
  document: Document,
  { id, commands, scripts }: Candidates,
): Pick<Task, "origin" | "commands" | "hooks"> {
  const script = scripts.get(id.task);
  if (commands !== undefined && script !== undefined) throw sameName(document, id);
  if (commands !== undefined) return { origin: "task", commands, hooks: {} };
  if (script !== undefined)
    return { origin: "configured-script", commands: script.commands, hooks: script.hooks };
  throw fieldError(document, {
    field: ["tasks", id.task],
    part: "value",
    message: `lacks the field \`command\`, and ${ownerOf(id)} has no script \`${printable(id.task)}\``,
    hint: suggest(id.task, scripts.keys()),
  });
}

function resolveCache(document: Document, from: Package, cache: CacheConfig): TaskCache {
  const resolve = (side: "input" | "output"): GlobConfig => {
    const resolved = resolveGlobs(cache[side], from.path, cache.fields[side]);
    if (resolved.kind === "invalid") throw fieldError(document, resolved.problem);
    return resolved.globs;
  };
  return {
    env: cache.env,
    untrackedEnv: cache.untrackedEnv,
    input: resolve("input"),
    output: resolve("output"),
  };
}

function sameName(document: Document, id: TaskId): UserError {
  const { message } = fieldError(document, {
    field: ["tasks", id.task],
    part: "key",
    message: `conflicts with the script \`${printable(id.task)}\` in the package.json of ${ownerOf(id)}`,
  });
  return new UserError(message, {
    code: "task-conflict",
    hint: "leave out `command` if the task is that script; else rename the task, or remove the script",
  });
}

function ownerOf({ packageName, packagePath }: TaskId): string {
  return displayPackage({ name: packageName, path: packagePath });
}

/** A second pass, since a task may depend on one that is read after it. */
function withDependencies(
  tasks: ReadonlyMap<string, Task>,
  graph: PackageGraph,
  files: ReadonlyMap<WorkspacePath, ConfigFile>,
): ReadonlyMap<string, Task> {
  const complete = new Map(tasks);
  for (const [path, { config, document }] of files) {
    for (const [name, { dependsOn }] of config.tasks) {
      if (dependsOn.length === 0) continue;
      const key = taskKey({ packagePath: path, task: name });
      const task = tasks.get(key);
      if (task === undefined) continue;
      const dependencies = resolveDependsOn(task, dependsOn, { tasks, graph, document });
      complete.set(key, { ...task, dependencies });
    }
  }
  return complete;
}
