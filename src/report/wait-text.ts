import { printable } from "../base/path.ts";
import type { WaitNotice } from "../execute/waits.ts";
import { displayTaskId, type TaskId } from "../task/task.ts";
import { describeElapsed } from "./duration-text.ts";

/** So many tasks are named; of more the number is told. */
const shownMax = 3;

/** Who waits, and what for, as a sentence without its full stop. */
export function describeWait(notice: WaitNotice): string {
  const who = `${list(notice.waiting)} ${notice.waiting.length === 1 ? "waits" : "wait"}`;
  if (notice.for.kind === "task") {
    const { task, runningMs } = notice.for;
    return `${who} for ${nameOf(task)}, which has been running for ${describeElapsed(runningMs)}`;
  }
  const { limit, running } = notice.for;
  const those = list(running);
  return limit === 1
    ? `${who} for ${those} to end: one task runs at a time`
    : `${who} for one of ${those} to end: ${limit} tasks run at once, see --concurrency-limit`;
}

function list(tasks: readonly TaskId[]): string {
  const names = tasks.slice(0, shownMax).map(nameOf);
  const rest = tasks.length - names.length;
  if (rest > 0) return `${names.join(", ")} and ${rest} more`;
  const last = names.at(-1) ?? "";
  return names.length < 2 ? last : `${names.slice(0, -1).join(", ")} and ${last}`;
}

function nameOf(task: TaskId): string {
  return printable(displayTaskId(task));
}
