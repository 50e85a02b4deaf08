import type { Host } from "../base/host.ts";
import type { QueryContext } from "../task/query.ts";
import { loadTasks } from "../task/task-graph.ts";
import { loadPackages } from "../workspace/package-graph.ts";
import { findWorkspace } from "../workspace/root.ts";
import { createFindChanges } from "./changed-files.ts";

/** Every package and every task, read before anything runs. Throws a UserError for any mistake in them. */
export async function readWorkspace(host: Host): Promise<QueryContext> {
  const workspace = await findWorkspace(host.cwd);
  const packages = loadPackages(workspace);
  return {
    root: workspace.root,
    packages,
    tasks: loadTasks(packages),
    findChanges: createFindChanges(workspace.root, host),
  };
}
