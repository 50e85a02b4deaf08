/** One operation of a program and its words: `["copy", "src/a", "out/t0-a"]`. `interpreter.ts` has the list. */
export type Operation = readonly string[];

/** How a task's program is run: each way is watched by another part of the tracer. */
type Runner = "static" | "dynamic" | "node" | "bun";

/**
 * - `plain`: everything is automatic
 * - `no-source-outputs`: what is written to `src` is no output
 * - `no-shared-inputs`: the paths that tasks share for writing are no inputs
 */
export type Setup = "plain" | "no-source-outputs" | "no-shared-inputs";

export type TaskPlan = {
  readonly runner: Runner;
  readonly setup: Setup;
  readonly program: readonly Operation[];
  /** What the programs after it do: the items of its command, joined by `&&`. */
  readonly next?: readonly (readonly Operation[])[];
  /** What the child processes of all these programs do. */
  readonly child: readonly Operation[];
};

export type Edit =
  | { readonly edit: "write"; readonly path: string; readonly text: string }
  /** As many bytes, in place, and the time put back. */
  | { readonly edit: "sneak"; readonly path: string }
  | { readonly edit: "touch"; readonly path: string }
  | { readonly edit: "chmod"; readonly path: string }
  | { readonly edit: "delete"; readonly path: string }
  | { readonly edit: "rename"; readonly path: string; readonly to: string }
  | { readonly edit: "link"; readonly path: string; readonly target: string }
  | { readonly edit: "directory"; readonly path: string }
  /** Another operation in the program of a task; `at` counts round and round. */
  | {
      readonly edit: "program";
      readonly task: number;
      readonly at: number;
      readonly operation: Operation;
    }
  /** The sources as they were before a step; `to` counts round and round. */
  | { readonly edit: "revert"; readonly to: number }
  /** Empties `out`. */
  | { readonly edit: "wipe" }
  /** The workspace gets another root. */
  | { readonly edit: "move" };

/** An edit of one path, or two. */
export type FileEdit = Exclude<
  Edit,
  { readonly edit: "program" | "revert" | "move" } | { readonly edit: "wipe" }
>;

export type RunPlan = {
  readonly edits: readonly Edit[];
  /** What is done where the task pauses, if it does. */
  readonly meanwhile?: FileEdit | undefined;
  readonly task: number;
  readonly environment: Readonly<Record<string, string>>;
};

/** A workspace, its tasks, and what happens to it. All that is needed to play it again. */
export type Scenario = {
  readonly tasks: readonly TaskPlan[];
  readonly runs: readonly RunPlan[];
};

/** The workspace at the beginning. A text that begins with `->` makes a link. */
export const firstFiles: Readonly<Record<string, string>> = {
  "package.json": '{ "name": "model", "private": true }\n',
  "src/a": "a\n",
  "src/b": "B\n",
  "src/c d": "c\n",
  "src/d/a": "A\n",
  "src/d/ö": "b\n",
  "src/l": "->a",
  "lib/x": "x\n",
  "lib/y": "y\n",
  "out/.keep": "",
};

/** Whether a task made it, going by its name: `t0-…` by task 0, `w-…` by any. */
export function isMadeByTask(path: string): boolean {
  return /(^|\/)(t\d-|w-)/.test(path);
}

export function prefixOf(task: number): string {
  return `t${task}-`;
}

export function programPath(task: number, item = 0): string {
  return item === 0 ? `tasks/${task}` : `tasks/${task}.${item}`;
}

/** The programs of a task in the order in which they run. */
export function programsOf({ program, next = [] }: TaskPlan): readonly (readonly Operation[])[] {
  return [program, ...next];
}

/** A program as its interpreters read it; it may trust in what the ones before it have surely done. */
export function programText(
  operations: readonly Operation[],
  earlier: readonly (readonly Operation[])[] = [],
): string {
  const known = new Set(earlier.flatMap(knownAfter));
  const lines = [...[...known].map((path) => ["know", path]), ...operations];
  return lines.map((words) => `${words.join("\t")}\n`).join("");
}

/** What is surely the program's own work when it has ended well, whatever it finds. */
function knownAfter(operations: readonly Operation[]): readonly string[] {
  const known: string[] = [];
  for (const [index, [op = "", ...args]] of operations.entries()) {
    const path = op === "hardlink" ? args[1] : args[0];
    if (operations[index - 1]?.[0] === "maybe" || path === undefined) continue;
    if (makingKnown.has(op) && isMadeByTask(path)) known.push(path);
  }
  return known;
}

const makingKnown = new Set([
  ...["write", "script", "atomic", "update", "patch", "exclusive", "append"],
  ...["link", "hardlink", "delete", "empty", "clear"],
  ...["map", "unnamed", "cut", "switch", "replace"],
]);

const programs: Readonly<Record<Runner, string>> = {
  static: "task-static",
  dynamic: "task-dynamic",
  node: "task-node",
  bun: "task-bun",
};

/** `vite-task.json` for these tasks. */
export function configurationText(tasks: readonly TaskPlan[]): string {
  const entries = tasks.map((task, index) => [
    `t${index}`,
    {
      command: programsOf(task)
        .map((_, item) => `${programs[task.runner]} ${programPath(index, item)} ${prefixOf(index)}`)
        .join(" && "),
      env: ["MODE", "APP_*"],
      untrackedEnv: ["PAUSE"],
      ...(task.setup === "no-source-outputs" && { output: [{ auto: true }, "!src/**"] }),
      ...(task.setup === "no-shared-inputs" && { input: [{ auto: true }, "!**/w-*"] }),
    },
  ]);
  return `${JSON.stringify({ tasks: Object.fromEntries(entries) }, undefined, 2)}\n`;
}

/** The variables of `environment` that reach a task. */
export function passedOn(
  environment: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const passed = Object.entries(environment).filter(([name]) => /^(MODE|APP_.*|LC_.*)$/.test(name));
  return Object.fromEntries(passed);
}
