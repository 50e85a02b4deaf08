import type { ExecutionGraph } from "../plan/step.ts";
import type { TaskId } from "../task/task.ts";

/** Tasks that have waited for long, and what for. */
export type WaitNotice = {
  readonly waiting: readonly TaskId[];
  readonly for:
    | { readonly kind: "task"; readonly task: TaskId; readonly runningMs: number }
    /** So many run at once, and these do. */
    | { readonly kind: "slot"; readonly limit: number; readonly running: readonly TaskId[] };
};

/** How far a graph has come. The lists change while it runs; their numbers are positions of nodes. */
export type Progress = {
  readonly graph: ExecutionGraph;
  readonly dependents: readonly (readonly number[])[];
  /** What could begin if there was room. */
  readonly ready: readonly number[];
  /** When each of those that run began. */
  readonly running: ReadonlyMap<number, number>;
  readonly beganAt: number;
};

type WatchOptions = {
  readonly onWait: (notice: WaitNotice) => void;
  readonly now: () => number;
  readonly longWaitMs?: number;
};

type Watch = Disposable & {
  /** Watches a graph until the result is disposed of. */
  readonly watch: (progress: Progress) => Disposable;
};

const longWaitMs = 30_000;

/** After the first wait is over it is looked again so often. */
const lookIntervalMs = 1000;

/**
 * Tells of each task that has run for long while others wait for it, and, once for each graph, that tasks
 * wait for a free slot.
 */
export function watchWaits(options: WatchOptions): Watch {
  const long = options.longWaitMs ?? longWaitMs;
  const watched = new Set<Watched>();
  const look = (): void => {
    const now = options.now();
    for (const each of watched)
      for (const notice of noticesOf(each, now, long)) options.onWait(notice);
    timer = setTimeout(look, Math.min(long, lookIntervalMs));
  };
  let timer = setTimeout(look, long);
  return {
    watch: (progress) => {
      const each: Watched = { progress, told: new Set(), isSlotTold: false };
      watched.add(each);
      return { [Symbol.dispose]: () => void watched.delete(each) };
    },
    [Symbol.dispose]: () => clearTimeout(timer),
  };
}

type Watched = {
  readonly progress: Progress;
  /** Running nodes of which it was told. */
  readonly told: Set<number>;
  isSlotTold: boolean;
};

function noticesOf(watched: Watched, now: number, long: number): readonly WaitNotice[] {
  return [...tasksWaitedFor(watched, now, long), ...slotWaitedFor(watched, now, long)];
}

function tasksWaitedFor({ progress, told }: Watched, now: number, long: number): WaitNotice[] {
  const notices: WaitNotice[] = [];
  for (const [index, startedAt] of progress.running) {
    const runningMs = now - startedAt;
    if (runningMs < long || told.has(index)) continue;
    const waiting = dependentsOf(index, progress).flatMap((node) => taskAt(progress, node));
    const [task] = taskAt(progress, index);
    if (waiting.length === 0 || task === undefined) continue;
    told.add(index);
    notices.push({ waiting, for: { kind: "task", task, runningMs } });
  }
  return notices;
}

/** What is ready has been so since the last of those that run began, or longer. */
function slotWaitedFor(watched: Watched, now: number, long: number): WaitNotice[] {
  const { progress, isSlotTold } = watched;
  const { graph, ready, running, beganAt } = progress;
  const since = Math.max(beganAt, ...running.values());
  if (isSlotTold || ready.length === 0 || now - since < long) return [];
  watched.isSlotTold = true;
  return [
    {
      waiting: ready.flatMap((node) => taskAt(progress, node)),
      for: {
        kind: "slot",
        limit: graph.concurrency,
        running: [...running.keys()].flatMap((node) => taskAt(progress, node)),
      },
    },
  ];
}

/** All that cannot begin before the node has ended, sorted. */
function dependentsOf(index: number, { dependents }: Progress): readonly number[] {
  const found = new Set(dependents[index] ?? []);
  // The set grows while it is walked.
  for (const node of found) for (const next of dependents[node] ?? []) found.add(next);
  return [...found].sort((a, b) => a - b);
}

function taskAt({ graph }: Progress, index: number): TaskId[] {
  const task = graph.nodes[index]?.task;
  return task === undefined ? [] : [task];
}
