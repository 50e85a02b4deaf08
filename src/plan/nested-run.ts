import type { SelectedTask } from "../task/query.ts";
import { taskKey } from "../task/task.ts";

/** What a command asks of vt itself. */
export type OwnCommand = {
  /** What follows `vt`. */
  readonly args: readonly string[];
  /** What follows `vt run`, in any of its spellings; absent for the other commands. */
  readonly runArgs?: readonly string[];
};

/** Programs that are vt when `run` follows, and those that mean `vt run` by themselves. */
const runners = new Set(["vt", "vp"]);
const shorthands = new Set(["vtr", "vpr"]);

/** Undefined for the commands of everybody else. */
export function readOwnCommand(words: readonly string[]): OwnCommand | undefined {
  const [program = "", ...args] = words;
  if (shorthands.has(program)) return { args: ["run", ...args], runArgs: args };
  if (runners.has(program) && args[0] === "run") return { args, runArgs: args.slice(1) };
  return program === "vt" ? { args } : undefined;
}

/** The selection without one task: what depended on it depends on what it depended on. */
export function withoutTask(
  selected: readonly SelectedTask[],
  removed: string,
): readonly SelectedTask[] {
  const before = selected.find(({ task }) => taskKey(task.id) === removed)?.dependencies ?? [];
  return selected
    .filter(({ task }) => taskKey(task.id) !== removed)
    .map((entry) => {
      if (!entry.dependencies.includes(removed)) return entry;
      const kept = entry.dependencies.filter((key) => key !== removed);
      return { ...entry, dependencies: [...new Set([...kept, ...before])] };
    });
}
