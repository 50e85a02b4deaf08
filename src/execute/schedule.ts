import type { ExecutionGraph, ExecutionNode, Step } from "../plan/step.ts";
import type { Cancellation } from "./cancellation.ts";
import type { StepOutcome } from "./event.ts";
import { interruptExitCodes } from "./interrupt.ts";
import { rowsOf } from "./rows.ts";
import { limitTime } from "./time-limit.ts";
import { type Progress, type WaitNotice, watchWaits } from "./waits.ts";

/**
 * Runs steps one after another until one fails or the run is cancelled, and returns what became of the
 * last that began. A step that cannot be run is an outcome; what it throws is a bug.
 */
type RunRow = (
  steps: readonly Step[],
  cancellation: Cancellation,
) => Promise<StepOutcome | undefined>;

export type RunResult = {
  /** Of the first step that failed by itself; of the signal when the run was interrupted; else 0. */
  readonly exitCode: number;
  readonly interruptedBy?: string;
};

export type RunGraphOptions = {
  readonly runRow: RunRow;
  readonly cancellation: Cancellation;
  /** Told of tasks that wait for long. */
  readonly onWait: (notice: WaitNotice) => void;
  /** A clock, in milliseconds. */
  readonly now: () => number;
  /** What counts as long, in milliseconds; half a minute by default. */
  readonly longWaitMs?: number;
};

/** What a task that took longer than its `timeout` exits with, as `timeout` of the shell does. */
const timeoutExitCode = 124;

/**
 * Runs every step of the graph: a node when its dependencies have ended well, its steps one after
 * another, nodes that are ready in the order of the graph and as many at once as the graph allows.
 * A nested graph counts for its own limit. The first step that fails cancels the run: nothing more
 * is started, and what runs is stopped through `cancellation`. In a graph that is continuing, all that does
 * not depend on the failure is run first.
 */
export async function runGraph(
  graph: ExecutionGraph,
  options: RunGraphOptions,
): Promise<RunResult> {
  using waits = watchWaits(options);
  const run: Run = { ...options, watch: waits.watch, failure: undefined };
  await runNodes(graph, run, options.cancellation);
  if (run.failure?.kind === "bug") throw run.failure.error;
  const cause = options.cancellation.cause();
  if (cause?.kind === "interrupted") {
    return { exitCode: interruptExitCodes[cause.signal], interruptedBy: cause.signal };
  }
  return { exitCode: run.failure?.exitCode ?? 0 };
}

type Run = {
  readonly runRow: RunRow;
  /** Of the run as a whole; a task with a time limit is handed one of its own. */
  readonly cancellation: Cancellation;
  readonly now: () => number;
  readonly watch: (progress: Progress) => Disposable;
  /** The first. */
  failure:
    | undefined
    | { readonly kind: "step"; readonly exitCode: number }
    | { readonly kind: "bug"; readonly error: unknown };
};

/** Whether all of something has been run, and has ended well. */
type Ending = "complete" | "incomplete";

/** Settles when nothing of the graph runs any more and nothing more is to be started. */
async function runNodes(
  graph: ExecutionGraph,
  run: Run,
  cancellation: Cancellation,
): Promise<Ending> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const dependents = dependentsOf(graph);
  const waitingFor = graph.nodes.map(({ dependencies }) => dependencies.length);
  const ready = [...waitingFor.keys()].filter((index) => waitingFor[index] === 0);
  const limit = Math.max(1, graph.concurrency);
  const running = new Map<number, number>();
  let missing = graph.nodes.length;
  using _ = run.watch({ graph, dependents, ready, running, beganAt: run.now() });

  const startReady = (): void => {
    while (running.size < limit && ready.length > 0 && cancellation.cause() === undefined) {
      const index = ready.shift();
      const node = index === undefined ? undefined : graph.nodes[index];
      if (index === undefined || node === undefined) break;
      running.set(index, run.now());
      void runNode(node, run, cancellation).then((ending) => finish(index, ending));
    }
    if (running.size === 0) resolve();
  };

  const finish = (index: number, ending: Ending): void => {
    running.delete(index);
    if (ending === "complete") {
      missing -= 1;
      for (const dependent of dependents[index] ?? []) {
        const left = (waitingFor[dependent] ?? 0) - 1;
        waitingFor[dependent] = left;
        if (left === 0) insertSorted(ready, dependent);
      }
    } else if (graph.isContinuing !== true || run.failure?.kind === "bug") {
      run.cancellation.cancel({ kind: "step-failed" });
    }
    startReady();
  };

  startReady();
  await promise;
  return missing === 0 ? "complete" : "incomplete";
}

/** Never rejects. */
async function runNode(node: ExecutionNode, run: Run, cancellation: Cancellation): Promise<Ending> {
  if (node.timeoutMs === undefined) return await runItems(node, run, cancellation);
  using limited = limitTime(cancellation, node.timeoutMs);
  const ending = await runItems(node, run, limited);
  // The time may have been over between two of its steps.
  if (ending === "incomplete" && limited.cause()?.kind === "timed-out")
    run.failure ??= { kind: "step", exitCode: timeoutExitCode };
  return ending;
}

async function runItems(
  { items }: ExecutionNode,
  run: Run,
  cancellation: Cancellation,
): Promise<Ending> {
  for (const part of rowsOf(items)) {
    if (cancellation.cause() !== undefined) return "incomplete";
    const ending =
      part.kind === "nested"
        ? await runNodes(part.graph, run, cancellation)
        : await runSteps(part.steps, run, cancellation);
    if (ending === "incomplete") return ending;
  }
  return "complete";
}

async function runSteps(
  steps: readonly Step[],
  run: Run,
  cancellation: Cancellation,
): Promise<Ending> {
  try {
    const outcome = await run.runRow(steps, cancellation);
    const exitCode = outcome === undefined ? 0 : exitCodeOf(outcome);
    // What fails after the run was cancelled was made to.
    if (exitCode !== 0 && run.cancellation.cause() === undefined)
      run.failure ??= { kind: "step", exitCode };
    return exitCode === 0 && outcome?.kind !== "cancelled" ? "complete" : "incomplete";
  } catch (error) {
    run.failure = { kind: "bug", error };
    return "incomplete";
  }
}

function exitCodeOf(outcome: StepOutcome): number {
  switch (outcome.kind) {
    case "replayed":
    case "cancelled":
      return 0;
    case "exited":
      return outcome.code;
    case "timed-out":
      return timeoutExitCode;
    case "not-started":
      return 1;
  }
}

function dependentsOf(graph: ExecutionGraph): number[][] {
  const dependents: number[][] = graph.nodes.map(() => []);
  for (const [index, { dependencies }] of graph.nodes.entries()) {
    for (const dependency of dependencies) dependents[dependency]?.push(index);
  }
  return dependents;
}

function insertSorted(indices: number[], index: number): void {
  const position = indices.findIndex((other) => other > index);
  indices.splice(position === -1 ? indices.length : position, 0, index);
}
