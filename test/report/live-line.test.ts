import { expect, test } from "bun:test";
import type { CacheStatus, OutputStream } from "../../src/execute/event.ts";
import type { Step } from "../../src/plan/step.ts";
import { describeElapsed } from "../../src/report/duration-text.ts";
import { createLiveLine } from "../../src/report/live-line.ts";
import { sampleStep } from "../execute/sample-step.ts";

const miss: CacheStatus = { kind: "miss", reason: { kind: "not-found" } };

test.each([
  [0, "0s"],
  [59_999, "59s"],
  [60_000, "1m 00s"],
  [3_599_999, "59m 59s"],
  [3_600_000, "1h 00m"],
  [-5, "0s"],
])("%d ms are shown as %s", (durationMs, text) => {
  expect(describeElapsed(durationMs)).toBe(text);
});

/** A line in a terminal of `columns`, for steps of which the second writes to it by itself. */
function rig(columns: number, steps: readonly Step[]) {
  let written = "";
  let time = 0;
  const live = createLiveLine({
    terminal: {
      hasColours: { stdout: () => true, stderr: () => true },
      write: (_stream: OutputStream, text: string | Uint8Array) => {
        written += typeof text === "string" ? text : Buffer.from(text).toString();
      },
      flush: () => undefined,
    },
    columns: () => columns,
    now: () => time,
    hasTerminal: (step) => step === steps[1],
  });
  const nodes = steps.map((step) => ({
    task: step.task,
    items: [{ kind: "step", step } as const],
    dependencies: [],
  }));
  live.note({ kind: "run-started", graph: { nodes, concurrency: 4 } });
  return {
    live,
    start: (step: Step, status = miss) => live.note({ kind: "step-started", step, status }),
    pass: (ms: number) => {
      time += ms;
    },
    /** What the call wrote. */
    during: (act: () => void) => {
      written = "";
      act();
      return written;
    },
  };
}

const a = sampleStep("a", "t", "t");
const b = sampleStep("b", "t", "t");
const drawn = (text: string): string => `\r\x1b[2K\x1b7\x1b[0m${text}\x1b8`;

test("the line is drawn when it has changed, and erased before anything else is written", () => {
  const { live, start, pass, during } = rig(80, [a]);
  using _ = live;
  start(a);
  expect(during(live.draw)).toBe(drawn("[0/1] a#t 0s"));
  expect(during(live.draw)).toBe("");
  pass(61_000);
  expect(during(live.draw)).toBe(drawn("[0/1] a#t 1m 01s"));
  expect(during(() => live.terminal.write("stderr", "x\n"))).toBe("\r\x1b[2Kx\n");
  expect(during(() => live.terminal.write("stderr", "x\n"))).toBe("x\n");
});

test("it is not drawn behind an unfinished line, but behind colours that were switched off", () => {
  const { live, start, during } = rig(80, [a]);
  using _ = live;
  start(a);
  live.terminal.write("stdout", "half");
  expect(during(live.draw)).toBe("");
  live.terminal.write("stdout", Buffer.from(" a line\n\x1b[0m\x1b[39m"));
  expect(during(live.draw)).toBe(drawn("[0/1] a#t 0s"));
});

test("it gives way before a step that has the terminal, and comes back after it", () => {
  const { live, start, during } = rig(80, [a, b]);
  using _ = live;
  start(a);
  live.draw();
  expect(during(() => start(b))).toBe("\r\x1b[2K");
  live.terminal.write("stdout", "$ b");
  expect(during(live.draw)).toBe("");
  const outcome = { kind: "exited", code: 0, durationMs: 0 } as const;
  live.note({ kind: "step-finished", step: b, status: miss, outcome });
  expect(during(live.draw)).toBe(drawn("[1/2] a#t 0s"));
});

test("it never fills the width, also with wide characters", () => {
  const wide = sampleStep("日本語", "作業", "t");
  for (const [columns, text] of [
    [20, "[0/1] 日本語#作業 …"],
    [8, "[0/1] …"],
    [1, ""],
  ] as const) {
    const { live, start, during } = rig(columns, [wide]);
    using _ = live;
    start(wide);
    expect(during(live.draw)).toBe(text === "" ? "" : drawn(text));
  }
});

test("what is replayed shows no line", () => {
  const { live, start, during } = rig(80, [a]);
  using _ = live;
  start(a, { kind: "hit" });
  expect(during(live.draw)).toBe("");
});
