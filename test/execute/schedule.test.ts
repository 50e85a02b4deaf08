import { expect, test } from "bun:test";
import { tmpdir } from "node:os";
import { absolutePath } from "../../src/base/path.ts";
import { type Cancellation, createCancellation } from "../../src/execute/cancellation.ts";
import { didSucceed, type StepOutcome } from "../../src/execute/event.ts";
import { runGraph } from "../../src/execute/schedule.ts";
import { spawnStep } from "../../src/execute/spawn.ts";
import type { ExecutionGraph, ExecutionNode, PlanItem, Step } from "../../src/plan/step.ts";
import { waitFor } from "../harness/wait.ts";
import { sampleStep } from "./sample-step.ts";

const step = (name: string): Step => sampleStep("", name, name);

type RunStep = (step: Step, cancellation: Cancellation) => Promise<StepOutcome>;

/** For runs in which nothing waits for long. */
const watching = { now: Date.now, onWait: () => undefined };

/** Runs the steps of a row as if none had anything to do with another. */
function oneByOne(runStep: RunStep) {
  return async (steps: readonly Step[], cancellation: Cancellation) => {
    let outcome: StepOutcome | undefined;
    for (const next of steps) {
      if (cancellation.cause() !== undefined) return { kind: "cancelled" } as const;
      outcome = await runStep(next, cancellation);
      if (!didSucceed(outcome)) break;
    }
    return outcome;
  };
}

type NodeSketch = {
  readonly steps: readonly (string | ExecutionGraph)[];
  readonly after?: readonly number[];
  readonly timeoutMs?: number;
};

function graph(concurrency: number, ...nodes: readonly NodeSketch[]): ExecutionGraph {
  return { concurrency, nodes: nodes.map(node) };
}

function node({ steps, after = [], ...limits }: NodeSketch): ExecutionNode {
  const items = steps.map(
    (item): PlanItem =>
      typeof item === "string"
        ? { kind: "step", step: step(item) }
        : { kind: "nested", graph: item },
  );
  return { task: step("node").task, items, dependencies: after, ...limits };
}

const success: StepOutcome = { kind: "exited", code: 0, durationMs: 0 };
const failure = (code: number): StepOutcome => ({ kind: "exited", code, durationMs: 0 });

/** Steps that end when they are told to, and a diary of what happened. */
function stage() {
  const diary: string[] = [];
  const endings = new Map<string, (outcome: StepOutcome) => void>();
  const cancellation = createCancellation();
  const runStep = async ({ commandText: name }: Step, signals: Cancellation) => {
    diary.push(`+${name}`);
    const { promise, resolve } = Promise.withResolvers<StepOutcome>();
    endings.set(name, resolve);
    using _ = signals.onStop((signal) => {
      diary.push(`${signal} ${name}`);
      if (signal === "SIGKILL") resolve({ kind: "cancelled" });
    });
    const outcome = await promise;
    diary.push(`-${name}`);
    return outcome;
  };
  return {
    diary,
    cancellation,
    run: (what: ExecutionGraph) =>
      runGraph(what, { ...watching, runRow: oneByOne(runStep), cancellation }),
    /** Ends a step and waits until that had its effect. */
    end: async (name: string, outcome: StepOutcome = success) => {
      endings.get(name)?.(outcome);
      await Bun.sleep(0);
    },
  };
}

test("an empty graph ends well", async () => {
  expect(await stage().run(graph(4))).toEqual({ exitCode: 0 });
});

test("a node starts when all it depends on have ended", async () => {
  const play = stage();
  const result = play.run(
    graph(4, { steps: ["a"] }, { steps: ["b"] }, { steps: ["c"], after: [0, 1] }),
  );
  expect(play.diary).toEqual(["+a", "+b"]);
  await play.end("b");
  expect(play.diary).toEqual(["+a", "+b", "-b"]);
  await play.end("a");
  expect(play.diary).toEqual(["+a", "+b", "-b", "-a", "+c"]);
  await play.end("c");
  expect(await result).toEqual({ exitCode: 0 });
});

test("the steps of a node run one after another", async () => {
  const play = stage();
  const result = play.run(graph(4, { steps: ["a", "b"] }));
  expect(play.diary).toEqual(["+a"]);
  await play.end("a");
  expect(play.diary).toEqual(["+a", "-a", "+b"]);
  await play.end("b");
  await result;
});

test("no more nodes run at once than the graph allows, and they start in its order", async () => {
  const play = stage();
  const sketches = ["a", "b", "c", "d"].map((name) => ({ steps: [name] }));
  const result = play.run(graph(2, ...sketches));
  expect(play.diary).toEqual(["+a", "+b"]);
  await play.end("b");
  await play.end("a");
  expect(play.diary).toEqual(["+a", "+b", "-b", "+c", "-a", "+d"]);
  await play.end("c");
  await play.end("d");
  await result;
});

test("a node that became ready late still starts before the ones that follow it", async () => {
  const play = stage();
  const result = play.run(
    graph(1, { steps: ["a"] }, { steps: ["b"], after: [0] }, { steps: ["c"] }),
  );
  for (const name of ["a", "b", "c"]) await play.end(name);
  await result;
  expect(play.diary.filter((entry) => entry.startsWith("+"))).toEqual(["+a", "+b", "+c"]);
});

test("a limit of 0 counts as 1, and an infinite one starts everything", async () => {
  const one = stage();
  const first = one.run(graph(0, { steps: ["a"] }, { steps: ["b"] }));
  expect(one.diary).toEqual(["+a"]);
  await one.end("a");
  await one.end("b");
  await first;

  const all = stage();
  const names = Array.from({ length: 50 }, (_, index) => `n${index}`);
  const second = all.run(
    graph(Number.POSITIVE_INFINITY, ...names.map((name) => ({ steps: [name] }))),
  );
  expect(all.diary).toHaveLength(50);
  for (const name of names) await all.end(name);
  await second;
});

test("a nested graph has a limit of its own and counts as one node outside", async () => {
  const play = stage();
  const inner = graph(2, { steps: ["x"] }, { steps: ["y"] }, { steps: ["z"] });
  const result = play.run(graph(1, { steps: ["a", inner, "b"] }, { steps: ["c"] }));
  await play.end("a");
  expect(play.diary).toEqual(["+a", "-a", "+x", "+y"]);
  for (const name of ["x", "y", "z"]) await play.end(name);
  expect(play.diary.at(-1)).toBe("+b");
  await play.end("b");
  await play.end("c");
  expect(await result).toEqual({ exitCode: 0 });
});

test("the first failure kills what runs, starts nothing more and gives the exit code", async () => {
  const play = stage();
  const result = play.run(
    graph(
      2,
      { steps: ["a", "a2"] },
      { steps: ["b"] },
      { steps: ["c"] },
      { steps: ["d"], after: [0] },
    ),
  );
  await play.end("a", failure(5));
  expect(await result).toEqual({ exitCode: 5 });
  expect(play.diary).toEqual(["+a", "+b", "-a", "SIGKILL b", "-b"]);
});

test("a failure inside a nested graph stops the graphs around it", async () => {
  const play = stage();
  const inner = graph(2, { steps: ["x"] }, { steps: ["y"] });
  const result = play.run(graph(2, { steps: [inner, "a"] }, { steps: ["b"] }));
  await play.end("x", failure(7));
  expect(await result).toEqual({ exitCode: 7 });
  expect(play.diary).toContain("SIGKILL y");
  expect(play.diary).toContain("SIGKILL b");
  expect(play.diary).not.toContain("+a");
});

test("a step that could not be started fails the run with 1", async () => {
  const play = stage();
  const result = play.run(graph(1, { steps: ["a"] }));
  await play.end("a", { kind: "not-started", message: "no" });
  expect(await result).toEqual({ exitCode: 1 });
});

test("a replayed step lets the next one start", async () => {
  const play = stage();
  const result = play.run(graph(1, { steps: ["a"] }, { steps: ["b"], after: [0] }));
  await play.end("a", { kind: "replayed", savedMs: 1 });
  await play.end("b", { kind: "replayed", savedMs: 1 });
  expect(await result).toEqual({ exitCode: 0 });
});

test("an interrupt is passed on, starts nothing more, and decides the exit code", async () => {
  const play = stage();
  const result = play.run(graph(1, { steps: ["a", "b"] }, { steps: ["c"] }));
  play.cancellation.cancel({ kind: "interrupted", signal: "SIGINT" });
  expect(play.diary).toEqual(["+a", "SIGINT a"]);
  await play.end("a");
  expect(await result).toEqual({ exitCode: 130, interruptedBy: "SIGINT" });
  expect(play.diary).toEqual(["+a", "SIGINT a", "-a"]);
});

test.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["SIGHUP", 129],
] as const)("after %s the exit code is %d, whatever the tasks made of it", async (signal, code) => {
  const play = stage();
  const result = play.run(graph(1, { steps: ["a"] }));
  play.cancellation.cancel({ kind: "interrupted", signal });
  await play.end("a", failure(3));
  expect(await result).toEqual({ exitCode: code, interruptedBy: signal });
});

test("a bug in a step is thrown when the others have been stopped", async () => {
  const cancellation = createCancellation();
  let isStopped = false;
  const runStep = async ({ commandText }: Step): Promise<StepOutcome> => {
    if (commandText === "bug") throw new Error("a bug");
    const { promise, resolve } = Promise.withResolvers<StepOutcome>();
    using _ = cancellation.onStop(() => resolve({ kind: "cancelled" }));
    const outcome = await promise;
    isStopped = true;
    return outcome;
  };
  const result = runGraph(graph(2, { steps: ["a"] }, { steps: ["bug"] }), {
    ...watching,
    runRow: oneByOne(runStep),
    cancellation,
  });
  await expect(result).rejects.toThrow("a bug");
  expect(isStopped).toBe(true);
});

test("real processes: a failing one ends its sibling, whose code does not count", async () => {
  const cancellation = createCancellation();
  const outcomes: Record<string, StepOutcome["kind"]> = {};
  const runStep = async ({ commandText: script }: Step): Promise<StepOutcome> => {
    const child = spawnStep({
      executable: absolutePath("/bin/sh"),
      argv0: "sh",
      args: ["-c", script],
      cwd: absolutePath(tmpdir()),
      environment: { PATH: "/usr/bin:/bin" },
      stdio: "piped",
      onChunk: () => undefined,
      now: Date.now,
    });
    using _ = cancellation.onStop(child.stop);
    const result = await child.exited;
    const outcome: StepOutcome =
      cancellation.cause() !== undefined ? { kind: "cancelled" } : result;
    outcomes[script] = outcome.kind;
    return outcome;
  };
  const result = await runGraph(graph(2, { steps: ["sleep 1000"] }, { steps: ["exit 5"] }), {
    ...watching,
    runRow: oneByOne(runStep),
    cancellation,
  });
  expect(result).toEqual({ exitCode: 5 });
  expect(outcomes).toEqual({ "sleep 1000": "cancelled", "exit 5": "exited" });
});

test("a graph that is continuing runs all that does not depend on the failure, and exits with the first", async () => {
  const play = stage();
  const result = play.run({
    ...graph(
      1,
      { steps: ["a", "a2"] },
      { steps: ["b"] },
      { steps: ["c"], after: [0] },
      { steps: ["d"], after: [1] },
      { steps: ["e"], after: [2] },
    ),
    isContinuing: true,
  });
  await play.end("a", failure(5));
  await play.end("b");
  await play.end("d", failure(6));
  expect(await result).toEqual({ exitCode: 5 });
  expect(play.diary).toEqual(["+a", "-a", "+b", "-b", "+d", "-d"]);
});

test("a nested graph that is continuing goes on inside, and then fails the one around it", async () => {
  const play = stage();
  const inner = { ...graph(1, { steps: ["x"] }, { steps: ["y"] }), isContinuing: true };
  const result = play.run(graph(2, { steps: [inner, "a"] }, { steps: ["b"] }));
  await play.end("x", failure(7));
  expect(play.diary).toEqual(["+x", "+b", "-x", "+y"]);
  await play.end("y");
  expect(await result).toEqual({ exitCode: 7 });
  expect(play.diary).toContain("SIGKILL b");
  expect(play.diary).not.toContain("+a");
});

test("an interrupt ends a graph that is continuing, too", async () => {
  const play = stage();
  const result = play.run({ ...graph(1, { steps: ["a"] }, { steps: ["b"] }), isContinuing: true });
  play.cancellation.cancel({ kind: "interrupted", signal: "SIGINT" });
  await play.end("a", failure(130));
  expect(await result).toEqual({ exitCode: 130, interruptedBy: "SIGINT" });
  expect(play.diary).not.toContain("+b");
});

test("a node that takes longer than it may is asked to end, alone, and fails the run with 124", async () => {
  const play = stage();
  const result = play.run({
    ...graph(2, { steps: ["a", "a2"], timeoutMs: 1 }, { steps: ["b"] }),
    isContinuing: true,
  });
  await waitFor("the time to be over", () => play.diary.includes("SIGTERM a"));
  await play.end("a", { kind: "timed-out", limitMs: 1, durationMs: 2 });
  await play.end("b");
  expect(await result).toEqual({ exitCode: 124 });
  expect(play.diary).toEqual(["+a", "+b", "SIGTERM a", "-a", "-b"]);
});

test("a node whose time is over between two of its steps has failed, too", async () => {
  const play = stage();
  const result = play.run(graph(1, { steps: ["a", "b"], timeoutMs: 1 }));
  await waitFor("the time to be over", () => play.diary.includes("SIGTERM a"));
  await play.end("a");
  expect(await result).toEqual({ exitCode: 124 });
  expect(play.diary).not.toContain("+b");
});

test("the time of a node holds for the graph that is nested in it", async () => {
  const play = stage();
  const inner = graph(1, { steps: ["x"] }, { steps: ["y"] });
  const result = play.run(graph(1, { steps: [inner], timeoutMs: 1 }));
  await waitFor("the time to be over", () => play.diary.includes("SIGTERM x"));
  await play.end("x", { kind: "timed-out", limitMs: 1, durationMs: 2 });
  expect(await result).toEqual({ exitCode: 124 });
  expect(play.diary).not.toContain("+y");
});
