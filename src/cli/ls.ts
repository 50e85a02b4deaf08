import { coloured, plain } from "../base/ansi.ts";
import type { Host } from "../base/host.ts";
import { printable } from "../base/path.ts";
import { describeTasks, tasksJson } from "../report/list-text.ts";
import type { Terminal } from "../report/terminal.ts";
import type { PackageOptions } from "../task/package-options.ts";
import { listTasks } from "../task/task-list.ts";
import { readWorkspace } from "./read-workspace.ts";

/** `vt ls`, and `vt run` without a task: what there is to run. Throws a UserError as a run would. */
export async function ls(
  options: PackageOptions,
  form: "text" | "json",
  host: Host,
  terminal: Terminal,
): Promise<number> {
  const context = await readWorkspace(host);
  const { tasks, notices } = listTasks(options, host.cwd, context);
  for (const notice of notices) terminal.write("stderr", `warning: ${printable(notice)}\n`);
  const palette = terminal.hasColours.stdout() ? coloured : plain;
  const text =
    form === "json" ? tasksJson(tasks, context.tasks.tasks) : describeTasks(tasks, palette);
  terminal.write("stdout", text);
  return 0;
}
