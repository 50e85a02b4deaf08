import type { WorkspacePath } from "../base/path.ts";
import type { Package } from "../workspace/package-graph.ts";
import { readConfigFile } from "./config-file.ts";
import { displayTaskId, type TaskId } from "./task.ts";

export type NamedTask = { readonly id: TaskId; readonly commands: readonly string[] };

/**
 * The tasks and scripts of packages, just read: nothing is resolved and no package compared with
 * another, so it takes a fraction of the time. Throws a UserError for a malformed configuration.
 */
export function nameTasks(packages: readonly Package[]): readonly NamedTask[] {
  return packages.flatMap(({ path, directory, name, manifest }) => {
    const file = readConfigFile(directory, path === "" ? "root" : "package");
    const scripts = new Map([...manifest.scripts].map(([task, text]) => [task, [text]] as const));
    const own = [...(file?.config.tasks ?? [])].map(
      ([task, { commands }]) => [task, commands ?? scripts.get(task) ?? []] as const,
    );
    return [...new Map([...own, ...scripts])].map(([task, commands]) => ({
      id: { packagePath: path, packageName: name, task },
      commands,
    }));
  });
}

/** What to type for a task in the package `here`: the bare name of one of its own. */
export function typedName(id: TaskId, here: WorkspacePath | undefined): string {
  if (id.packagePath === here) return id.task;
  return id.packageName === "" ? `#${id.task}` : displayTaskId(id);
}
