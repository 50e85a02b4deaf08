import type { ExecutionGraph, ExecutionNode, Step } from "../plan/step.ts";
import type { Cancellation } from "./cancellation.ts";
import type { StepOutcome } from "./event.ts";
import { interruptExitCodes } from "./interrupt.ts";
import { rowsOf } from "./rows.ts";

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

/**
 * Runs every step of the graph: a node when its dependencies have ended well, its steps one after
 * another, nodes that are ready in the order of the graph and as many at once as the graph allows.
 * A nested graph counts for its own limit. The first step that fails cancels the run: nothing more
 * is started, and what runs is stopped through `cancellation`.
 */
export async function runGraph(
  graph: ExecutionGraph,
  options: { readonly runRow: RunRow; readonly cancellation: Cancellation },
): Promise<RunResult> {
  const run: Run = { ...options, failure: undefined };
  await runNodes(graph, run);
  if (run.failure?.kind === "bug") throw run.failure.error;
  const cause = options.cancellation.cause();
  if (cause?.kind === "interrupted") {
    return { exitCode: interruptExitCodes[cause.signal], interruptedBy: cause.signal };
  }
  return { exitCode: run.failure?.exitCode ?? 0 };
}

type Run = {
  readonly runRow: RunRow;
  readonly cancellation: Cancellation;
  failure:
    | undefined
    | { readonly kind: "step"; readonly exitCode: number }
    | { readonly kind: "bug"; readonly error: unknown };
};

/** Settles when nothing of the graph runs any more and nothing more is to be started. */
function runNodes(graph: ExecutionGraph, run: Run): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const dependents = dependentsOf(graph);
  const waitingFor = graph.nodes.map(({ dependencies }) => dependencies.length);
  const ready = [...waitingFor.keys()].filter((index) => waitingFor[index] === 0);
  const limit = Math.max(1, graph.concurrency);
  let running = 0;

  const startReady = (): void => {
    while (running < limit && ready.length > 0 && isGoingOn(run)) {
      const index = ready.shift();
      const node = index === undefined ? undefined : graph.nodes[index];
      if (index === undefined || node === undefined) break;
      running += 1;
      void runNode(node, run).then(() => finish(index));
    }
    if (running === 0) resolve();
  };

  const finish = (index: number): void => {
    running -= 1;
    for (const dependent of dependents[index] ?? []) {
      const left = (waitingFor[dependent] ?? 0) - 1;
      waitingFor[dependent] = left;
      if (left === 0) insertSorted(ready, dependent);
    }
    startReady();
  };

  startReady();
  return promise;
}

/** Never rejects. After a failure the run no longer goes on, so nobody needs to know what failed. */
async function runNode(node: ExecutionNode, run: Run): Promise<void> {
  for (const part of rowsOf(node.items)) {
    if (!isGoingOn(run)) return;
    if (part.kind === "nested") await runNodes(part.graph, run);
    else await runSteps(part.steps, run);
  }
}

async function runSteps(steps: readonly Step[], run: Run): Promise<void> {
  try {
    const outcome = await run.runRow(steps, run.cancellation);
    const exitCode = outcome === undefined ? 0 : exitCodeOf(outcome);
    // What fails after the run was cancelled was made to, or is not the first.
    if (exitCode === 0 || !isGoingOn(run)) return;
    run.failure = { kind: "step", exitCode };
  } catch (error) {
    run.failure = { kind: "bug", error };
  }
  run.cancellation.cancel({ kind: "step-failed" });
}

function exitCodeOf(outcome: StepOutcome): number {
  switch (outcome.kind) {
    case "replayed":
    case "cancelled":
      return 0;
    case "exited":
      return outcome.code;
    case "not-started":
      return 1;
  }
}

function isGoingOn(run: Run): boolean {
  return run.failure === undefined && run.cancellation.cause() === undefined;
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
