import { type Document, fieldError } from "../base/document.ts";
import { type ErrorCode, UserError } from "../base/error.ts";
import { suggest } from "../base/nearest.ts";
import type { WorkspacePath } from "../base/path.ts";
import type { PackageGraph } from "../workspace/package-graph.ts";
import { displayPackage } from "../workspace/package-graph.ts";
import type { DependsOnEntry } from "./config-schema.ts";
import { type Task, taskKey } from "./task.ts";
import { parseTaskSpecifier } from "./task-specifier.ts";

export type DependsOnContext = {
  readonly tasks: ReadonlyMap<string, Task>;
  readonly graph: PackageGraph;
  /** Where the entries stand. */
  readonly document: Document;
};

/**
 * The keys of the tasks that `dependsOn` of a task means, each once. Throws a UserError for an entry
 * that means none or several packages; `{ task, from }` passes over packages without the task.
 */
export function resolveDependsOn(
  task: Task,
  entries: readonly DependsOnEntry[],
  context: DependsOnContext,
): readonly string[] {
  const keys = entries.flatMap((entry, index) =>
    typeof entry === "string"
      ? [resolveSpecifier(task, entry, { ...context, index })]
      : resolveFields(task, entry, context),
  );
  return [...new Set(keys)];
}

function resolveFields(
  { id }: Task,
  { task, from }: Exclude<DependsOnEntry, string>,
  { tasks, graph }: DependsOnContext,
): readonly string[] {
  const wanted: readonly string[] = typeof from === "string" ? [from] : from;
  return (graph.edges.get(id.packagePath) ?? [])
    .filter(({ fields }) => fields.some((field) => wanted.includes(field)))
    .map(({ target }) => taskKey({ packagePath: target, task }))
    .filter((key) => tasks.has(key));
}

function resolveSpecifier(
  from: Task,
  text: string,
  context: DependsOnContext & { readonly index: number },
): string {
  const { packageName, task } = parseTaskSpecifier(text);
  const packagePath =
    packageName === undefined ? from.id.packagePath : resolvePackage(from, packageName, context);
  const key = taskKey({ packagePath, task });
  if (context.tasks.has(key)) return key;
  const owner = context.graph.packages.get(packagePath);
  const candidates = [...context.tasks.values()]
    .filter(({ id }) => id.packagePath === packagePath)
    .map(({ id }) => id.task);
  throw failure(from, context, {
    code: "task-not-found",
    message: `names the task \`${task}\`, which ${owner && displayPackage(owner)} does not have`,
    // As Turborepo and Nx write it.
    hint: task.startsWith("^")
      ? `the task \`${task.slice(1)}\` of the packages it depends on: { "task": "${task.slice(1)}", "from": "dependencies" }`
      : suggest(task, candidates),
  });
}

function resolvePackage(
  from: Task,
  name: string,
  context: DependsOnContext & { readonly index: number },
): WorkspacePath {
  const [found, ...others] = context.graph.byName.get(name) ?? [];
  if (found === undefined) {
    throw failure(from, context, {
      code: "package-not-found",
      message: `names the package \`${name}\`, which is not in the workspace`,
      hint: suggest(name, context.graph.byName.keys()),
    });
  }
  if (others.length === 0) return found.path;
  const paths = [found, ...others].map(({ path }) => `\`${path === "" ? "." : path}\``).join(", ");
  throw failure(from, context, {
    code: "package-ambiguous",
    message: `names the package \`${name}\`, of which there are several: ${paths}`,
    hint: undefined,
  });
}

function failure(
  from: Task,
  { document, index }: { readonly document: Document; readonly index: number },
  problem: {
    readonly code: ErrorCode;
    readonly message: string;
    readonly hint: string | undefined;
  },
): UserError {
  const field = ["tasks", from.id.task, "dependsOn", index];
  const { message } = fieldError(document, { field, part: "value", message: problem.message });
  return new UserError(message, { code: problem.code, hint: problem.hint });
}
