import { type AbsolutePath, absolutePath, resolvePath } from "../../src/base/path.ts";
import { type QueryContext, resolveQuery, selectTasks } from "../../src/task/query.ts";
import { parseRunOptions } from "../../src/task/run-options.ts";
import { displayTaskId, taskKey } from "../../src/task/task.ts";
import { loadTasks } from "../../src/task/task-graph.ts";
import { loadPackages } from "../../src/workspace/package-graph.ts";
import { findWorkspace } from "../../src/workspace/root.ts";

export async function loadContext(cwd: AbsolutePath): Promise<QueryContext> {
  const workspace = await findWorkspace(cwd);
  const packages = loadPackages(workspace);
  return {
    root: workspace.root,
    packages,
    tasks: loadTasks(packages),
    findChanges: () => ({ files: [], ref: "main" }),
  };
}

/** What `vt run <args>` would select: `task`, or `task < dependency dependency`; `+` for what it did not name. */
export function select(
  context: QueryContext,
  args: readonly string[],
  directory = "",
): readonly string[] {
  const cwd = resolvePath(absolutePath(context.root), directory);
  const selected = selectTasks(resolveQuery(parseRunOptions(args), cwd, context), context);
  const names = new Map(selected.map(({ task }) => [taskKey(task.id), displayTaskId(task.id)]));
  return selected.map(({ task, dependencies, isNamed }) => {
    const before = dependencies.map((key) => names.get(key));
    const name = `${isNamed ? "" : "+"}${displayTaskId(task.id)}`;
    return before.length === 0 ? name : `${name} < ${before.join(" ")}`;
  });
}
