import type { AbsolutePath } from "../base/path.ts";
import type { RunRequest } from "../task/run-options.ts";
import { type Task, taskKey } from "../task/task.ts";

/** What a `vt run` asks for, and where it does. */
export type Query = { readonly run: RunRequest; readonly cwd: AbsolutePath };

export type SelectedTask = {
  readonly task: Task;
  /** Keys of tasks that the query means, too. */
  readonly dependencies: readonly string[];
  /** Whether the query named it, and not only another task that depends on it. */
  readonly isNamed: boolean;
};

/**
 * The selection without a task: what depended on it depends on what it depended on. So `vt run -r
 * build` in the `build` of the root means all the others.
 */
export function withoutTask(selected: readonly SelectedTask[], removed: string): SelectedTask[] {
  const bridge = selected.find(({ task }) => taskKey(task.id) === removed)?.dependencies ?? [];
  return selected
    .filter(({ task }) => taskKey(task.id) !== removed)
    .map((entry) => {
      if (!entry.dependencies.includes(removed)) return entry;
      const kept = entry.dependencies.filter((key) => key !== removed);
      return { ...entry, dependencies: [...new Set([...kept, ...bridge])] };
    });
}
