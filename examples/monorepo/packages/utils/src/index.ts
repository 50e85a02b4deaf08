import { openTasks, type Task } from "@example/core";
import { duration } from "./duration.js";

/** "2 open, 1h 5m to go" */
export function progress(tasks: readonly Task[]): string {
  const open = openTasks(tasks);
  const minutes = open.reduce((sum, task) => sum + task.minutes, 0);
  return open.length === 0 ? "all done" : `${open.length} open, ${duration(minutes)} to go`;
}
