import { expect, test } from "bun:test";
import { type Progress, type WaitNotice, watchWaits } from "../../src/execute/waits.ts";
import { describeWait } from "../../src/report/wait-text.ts";
import { waitFor } from "../harness/wait.ts";
import { sampleStep } from "./sample-step.ts";

/** Nodes a, b, c, d: of these b waits for a, and c for b. */
function chain(state: Pick<Progress, "ready" | "running">, concurrency = 4): Progress {
  const nodes = ["a", "b", "c", "d"].map((name) => ({
    task: sampleStep(name, "t", "").task,
    items: [],
    dependencies: [],
  }));
  return { graph: { nodes, concurrency }, dependents: [[1], [2], [], []], beganAt: 0, ...state };
}

/** What is told of it when everything has run for `ageMs`; `until` says when enough was told. */
async function noticesOf(progress: Progress, ageMs: number, count: number): Promise<string[]> {
  const notices: WaitNotice[] = [];
  let looks = 0;
  using waits = watchWaits({
    onWait: (notice) => notices.push(notice),
    now: () => {
      looks += 1;
      return ageMs;
    },
    longWaitMs: 1,
  });
  using _ = waits.watch(progress);
  // Nothing is told twice, so a few looks more change nothing.
  await waitFor("it to be looked", () => looks >= count + 3);
  return notices.map(describeWait);
}

test("what others wait for is named once, with all of them", async () => {
  const progress = chain({
    ready: [],
    running: new Map([
      [0, 0],
      [3, 0],
    ]),
  });
  expect(await noticesOf(progress, 31_000, 1)).toEqual([
    "b#t and c#t wait for a#t, which has been running for 31s",
  ]);
});

test("that a task waits for a free place is said once", async () => {
  const progress = chain({ ready: [2, 3], running: new Map([[1, 0]]) }, 1);
  expect(await noticesOf(progress, 31_000, 1)).toEqual([
    "c#t waits for b#t, which has been running for 31s",
    "c#t and d#t wait for b#t to end: one task runs at a time",
  ]);
});

test("what has only just begun to wait is not spoken of", async () => {
  const progress = chain(
    {
      ready: [3],
      running: new Map([
        [0, 5],
        [1, 5],
      ]),
    },
    2,
  );
  expect(await noticesOf(progress, 5, 0)).toEqual([]);
});

test("of many tasks the first are named", () => {
  const tasks = ["a", "b", "c", "d", "e"].map((name) => sampleStep(name, "t", "").task);
  const [first] = tasks;
  if (first === undefined) throw new Error("there is one");
  expect(
    describeWait({ waiting: tasks, for: { kind: "task", task: first, runningMs: 60_000 } }),
  ).toBe("a#t, b#t, c#t and 2 more wait for a#t, which has been running for 1m 00s");
  expect(
    describeWait({ waiting: [first], for: { kind: "slot", limit: 2, running: tasks.slice(1, 3) } }),
  ).toBe("a#t waits for one of b#t and c#t to end: 2 tasks run at once, see --concurrency-limit");
});
