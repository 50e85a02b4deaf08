import type { Host } from "../base/host.ts";
import type { QueryContext } from "../task/query.ts";
import { loadTasks } from "../task/task-graph.ts";
import { loadPackages } from "../workspace/package-graph.ts";
import { findWorkspace, type Workspace } from "../workspace/root.ts";
import { createFindChanges } from "./changed-files.ts";

export type ReadWorkspace = QueryContext & { readonly declared: Workspace };

/** Every package and every task, read before anything runs. Throws a UserError for any mistake in them. */
export async function readWorkspace(host: Host): Promise<ReadWorkspace> {
  const workspace = await findWorkspace(host.cwd);
  const packages = loadPackages(workspace);
  return {
    root: workspace.root,
    packages,
    tasks: loadTasks(packages),
    findChanges: createFindChanges(workspace.root, host),
    declared: workspace,
  };
}
