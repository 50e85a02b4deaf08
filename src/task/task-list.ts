import { type AbsolutePath, comparePaths, toWorkspacePath } from "../base/path.ts";
import { packageAround } from "../workspace/package-graph.ts";
import { hasPackageOptions, type PackageOptions } from "./package-options.ts";
import type { QueryContext } from "./query.ts";
import { selectedPackages } from "./selected-packages.ts";
import type { Task } from "./task.ts";
import { typedName } from "./task-names.ts";

export type ListedTask = {
  readonly task: Task;
  /** What to type for it in the current directory: bare for a task of the package there. */
  readonly name: string;
};

/**
 * The tasks of the packages that the options name, or of all: those of the package around `cwd` first,
 * then by package and name. `notices` are for the person. Throws a UserError as a run would.
 */
export function listTasks(
  options: PackageOptions,
  cwd: AbsolutePath,
  context: QueryContext,
): { readonly tasks: readonly ListedTask[]; readonly notices: readonly string[] } {
  const { root, packages, tasks } = context;
  const place = toWorkspacePath(root, cwd);
  const here = place === undefined ? undefined : packageAround(packages, place).path;
  const selected = hasPackageOptions(options)
    ? selectedPackages(options, undefined, cwd, context)
    : { packages: [...packages.packages.keys()], notices: [] };
  const wanted = new Set(selected.packages);
  const listed: (ListedTask & { readonly key: string })[] = [];
  for (const task of tasks.tasks.values()) {
    const { packageName, packagePath, task: own } = task.id;
    if (!wanted.has(packagePath)) continue;
    const name = typedName(task.id, here);
    listed.push({
      task,
      name,
      key: `${packagePath === here ? 0 : 1}${packageName}\0${packagePath}\0${own}`,
    });
  }
  listed.sort((a, b) => comparePaths(a.key, b.key));
  return { tasks: listed, notices: selected.notices };
}
