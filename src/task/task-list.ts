import { type AbsolutePath, comparePaths, toWorkspacePath } from "../base/path.ts";
import { packageAround } from "../workspace/package-graph.ts";
import { hasPackageOptions, type PackageOptions } from "./package-options.ts";
import type { QueryContext } from "./query.ts";
import { selectedPackages } from "./selected-packages.ts";
import { displayTaskId, type Task } from "./task.ts";

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
  const listed = [...tasks.tasks.values()]
    .filter(({ id }) => wanted.has(id.packagePath))
    .map((task): ListedTask & { readonly isHere: boolean } => {
      const isHere = task.id.packagePath === here;
      return { task, isHere, name: isHere ? task.id.task : nameElsewhere(task) };
    });
  listed.sort(
    (a, b) => Number(b.isHere) - Number(a.isHere) || comparePaths(sortKey(a), sortKey(b)),
  );
  return { tasks: listed, notices: selected.notices };
}

function nameElsewhere({ id }: Task): string {
  return id.packageName === "" ? `#${id.task}` : displayTaskId(id);
}

function sortKey({ task }: ListedTask): string {
  const { packageName, packagePath, task: name } = task.id;
  return `${packageName}\0${packagePath}\0${name}`;
}
