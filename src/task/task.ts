import type { AbsolutePath, WorkspacePath } from "../base/path.ts";

/** `package#task`. Packages are told apart by their directory, since names may be missing or doubled. */
export type TaskId = {
  readonly packagePath: WorkspacePath;
  /** "" when the package has no name. */
  readonly packageName: string;
  readonly task: string;
};

/** One side's rules, `input` or `output`, with patterns relative to the workspace root. */
export type GlobConfig = {
  /** Whether what the tracer sees counts. */
  readonly isAuto: boolean;
  readonly positive: readonly string[];
  readonly negative: readonly string[];
};

/** The cache settings of a task, defaults filled in. */
export type TaskCache = {
  /** Names and patterns as written; `!` excludes. */
  readonly env: readonly string[];
  readonly untrackedEnv: readonly string[];
  readonly input: GlobConfig;
  readonly output: GlobConfig;
};

/** `configured-script`: an entry of `vite-task.json` that names no command, and so means the script of its name. */
type TaskOrigin = "task" | "script" | "configured-script";

/** A named entry of `vite-task.json`, or a script treated as one. */
export type Task = {
  readonly id: TaskId;
  readonly origin: TaskOrigin;
  /** Run one after another; a text is split at `&&` later. */
  readonly commands: readonly string[];
  readonly cwd: AbsolutePath;
  /** How long all its commands together may take; absent: as long as they like. */
  readonly timeoutMs?: number;
  /** Keys (`taskKey`) of tasks that must have ended well before. */
  readonly dependencies: readonly string[];
  /** `false`: the task says it is never cached. */
  readonly cache: TaskCache | false;
  /** Scripts that run before and after it, inside the same node. */
  readonly hooks: { readonly pre?: string; readonly post?: string };
};

/** Identifies a task within a workspace. */
export function taskKey(id: Pick<TaskId, "packagePath" | "task">): string {
  return `${id.packagePath}\0${id.task}`;
}

/** As people see and type it: `package#task`, or just the task where the package has no name. */
export function displayTaskId(id: Pick<TaskId, "packageName" | "task">): string {
  return id.packageName === "" ? id.task : `${id.packageName}#${id.task}`;
}
