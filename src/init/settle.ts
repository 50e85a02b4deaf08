import type { DependsOnEntry, GlobEntries, TaskObjectData } from "../task/config-schema.ts";
import { displayTaskId, taskKey } from "../task/task.ts";
import type { Package, PackageGraph } from "../workspace/package-graph.ts";
import type { Draft, TaskDraft, Wanted } from "./draft.ts";

export type SettledFile = {
  readonly owner: Package;
  readonly tasks: ReadonlyMap<string, TaskObjectData>;
};

export type Settled = {
  /** By package, in the order of the graph. */
  readonly files: readonly SettledFile[];
  readonly remarks: readonly string[];
};

/**
 * The `vite-task.json` of each package. Every `dependsOn` in it means a task that is there: vt refuses
 * one that is not, where others pass over it. A task that cannot be run stays only where another
 * one reaches its dependencies through it.
 */
export function settleDraft(draft: Draft, graph: PackageGraph): Settled {
  const settling: Settling = {
    byKey: new Map(draft.tasks.map((task) => [keyOf(task.owner, task.name), task])),
    graph,
    settled: new Map(),
    remarks: new Set(),
  };
  for (const task of draft.tasks) if (!task.isPassage) settle(settling, task);
  const files = [...graph.packages.values()].map((owner): SettledFile => {
    const own = draft.tasks.filter((task) => task.owner === owner);
    const tasks = own.flatMap((task): (readonly [string, TaskObjectData])[] => {
      const settled = settling.settled.get(task);
      return settled === undefined ? [] : [[task.name, settled]];
    });
    return { owner, tasks: new Map(tasks) };
  });
  return {
    files: files.filter(({ tasks }) => tasks.size > 0),
    remarks: [...settling.remarks],
  };
}

/** The text of a `vite-task.json`. */
export function configText({ tasks }: SettledFile): string {
  return `${JSON.stringify({ tasks: Object.fromEntries(tasks) }, undefined, 2)}\n`;
}

type Settling = {
  readonly byKey: ReadonlyMap<string, TaskDraft>;
  readonly graph: PackageGraph;
  /** Undefined for a passage to nothing. */
  readonly settled: Map<TaskDraft, TaskObjectData | undefined>;
  readonly remarks: Set<string>;
};

function keyOf(owner: Package, name: string): string {
  return taskKey({ packagePath: owner.path, task: name });
}

function settle(settling: Settling, draft: TaskDraft): TaskObjectData | undefined {
  const { settled } = settling;
  if (settled.has(draft)) return settled.get(draft);
  // Whoever comes back to it through a circle of packages finds nothing to wait for.
  settled.set(draft, undefined);
  const dependsOn = draft.dependsOn.flatMap((wanted) => entriesFor(settling, draft, wanted));
  const isNeeded = !draft.isPassage || dependsOn.length > 0;
  if (isNeeded) settled.set(draft, toTask(draft, dependsOn));
  return settled.get(draft);
}

function entriesFor(
  settling: Settling,
  draft: TaskDraft,
  wanted: Wanted,
): readonly DependsOnEntry[] {
  const { task } = wanted;
  const canWait = (owner: Package): boolean => canWaitFor(settling, draft, owner, task);
  switch (wanted.kind) {
    case "own":
      return canWait(draft.owner) ? [task] : [];
    case "of":
      return canWait(wanted.owner) ? [`${wanted.owner.name}#${task}`] : [];
    case "upstream": {
      const edges = settling.graph.edges.get(draft.owner.path) ?? [];
      const from = (["dependencies", "devDependencies"] as const).filter((field) =>
        edges
          .filter(({ fields }) => fields.includes(field))
          .flatMap(({ target }) => settling.graph.packages.get(target) ?? [])
          .some(canWait),
      );
      return from.length === 0 ? [] : [{ task, from }];
    }
  }
}

function canWaitFor(settling: Settling, waiting: TaskDraft, owner: Package, name: string): boolean {
  const draft = settling.byKey.get(keyOf(owner, name));
  if (draft === undefined) return owner.manifest.scripts.has(name);
  if (draft.isEndless) {
    settling.remarks.add(
      `${display(waiting)} waits for ${display(draft)}, which does not end: start that one by itself`,
    );
    return false;
  }
  return !draft.isPassage || settle(settling, draft) !== undefined;
}

function display({ owner, name }: TaskDraft): string {
  return displayTaskId({ packageName: owner.name, task: name });
}

function toTask(draft: TaskDraft, dependsOn: readonly DependsOnEntry[]): TaskObjectData {
  const { commands, cwd, isCached, env, untrackedEnv, without } = draft;
  const command = commands?.length === 1 ? commands[0] : commands;
  const task = {
    ...(command !== undefined && { command }),
    ...(cwd !== "" && { cwd }),
    ...(dependsOn.length > 0 && { dependsOn }),
  };
  if (commands?.length === 0) return task;
  return {
    ...task,
    ...(!isCached && { cache: false }),
    ...(isCached && env.length > 0 && { env: unique(env) }),
    ...(isCached && untrackedEnv.length > 0 && { untrackedEnv: unique(untrackedEnv) }),
    ...(isCached && without.input.length > 0 && { input: withAuto(without.input) }),
    ...(isCached && without.output.length > 0 && { output: withAuto(without.output) }),
  };
}

function withAuto(entries: GlobEntries): GlobEntries {
  return [{ auto: true }, ...entries];
}

function unique(names: readonly string[]): readonly string[] {
  return [...new Set(names)];
}
