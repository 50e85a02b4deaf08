import { type Document, fieldError } from "../base/document.ts";
import { UserError } from "../base/error.ts";
import { resolvePath, type WorkspacePath, workspacePath } from "../base/path.ts";
import { readAhead } from "../native/read-ahead.ts";
import { displayPackage, type Package, type PackageGraph } from "../workspace/package-graph.ts";
import type { CacheConfig, Config, TaskConfig } from "./config.ts";
import { type ConfigFile, configPath, readConfigFile } from "./config-file.ts";
import { resolveDependsOn } from "./depends-on.ts";
import { resolveGlobs } from "./glob-config.ts";
import { scriptTasks } from "./scripts.ts";
import { type GlobConfig, type Task, type TaskCache, taskKey } from "./task.ts";

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
    const file = files.get(from.path);
    for (const [name, task] of file?.config.tasks ?? []) {
      const id = { packagePath: from.path, packageName: from.name, task: name };
      if (file !== undefined)
        tasks.set(taskKey(id), configuredTask(file.document, from, [name, task]));
    }
    for (const script of scriptTasks(from, config.hasPrePostScripts ? "on" : "off")) {
      const key = taskKey(script.id);
      if (file !== undefined && tasks.has(key)) throw sameName(file.document, from, script.id.task);
      tasks.set(key, script);
    }
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

function configuredTask(
  document: Document,
  from: Package,
  [name, task]: readonly [string, TaskConfig],
): Task {
  return {
    id: { packagePath: from.path, packageName: from.name, task: name },
    origin: "task",
    commands: task.commands,
    cwd: resolvePath(from.directory, task.cwd),
    ...(task.timeoutMs !== undefined && { timeoutMs: task.timeoutMs }),
    dependencies: [],
    cache: task.cache === false ? false : resolveCache(document, from, task.cache),
    hooks: {},
  };
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

function sameName(document: Document, from: Package, name: string): UserError {
  const { message } = fieldError(document, {
    field: ["tasks", name],
    part: "key",
    message: `conflicts with the script \`${name}\` in the package.json of ${displayPackage(from)}`,
  });
  return new UserError(message, {
    code: "task-conflict",
    hint: "rename the task, or remove the script",
  });
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
      const key = taskKey({ packagePath: path, task: name });
      const task = tasks.get(key);
      if (task === undefined || dependsOn.length === 0) continue;
      const dependencies = resolveDependsOn(task, dependsOn, { tasks, graph, document });
      complete.set(key, { ...task, dependencies });
    }
  }
  return complete;
}
