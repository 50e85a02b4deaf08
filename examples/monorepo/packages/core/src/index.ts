export { parseTask, type Task } from "./task.js";

import type { Task } from "./task.js";

export function openTasks(tasks: readonly Task[]): readonly Task[] {
  return tasks.filter((task) => !task.isDone);
}
