import { expect, test } from "bun:test";
import { createCancellation } from "../../src/execute/cancellation.ts";
import { runOutcome } from "../../src/execute/run-outcome.ts";

const ended = (code: number) => ({ kind: "exited", code, durationMs: 5 }) as const;
const ctrlC = { kind: "interrupted", signal: "SIGINT" } as const;

test("what Ctrl-C ends has not failed", () => {
  const cancellation = createCancellation();
  cancellation.cancel(ctrlC);
  expect(runOutcome({ ...ended(130), signal: "SIGINT" }, cancellation)).toEqual({
    kind: "cancelled",
  });
  expect(runOutcome(ended(1), cancellation)).toEqual({ kind: "cancelled" });
});

test("what hears Ctrl-C and ends well has ended well", () => {
  const cancellation = createCancellation();
  cancellation.cancel(ctrlC);
  expect(runOutcome(ended(0), cancellation)).toEqual(ended(0));
});

test("what is killed because something else failed has no result of its own", () => {
  const cancellation = createCancellation();
  cancellation.cancel({ kind: "step-failed" });
  expect(runOutcome(ended(0), cancellation)).toEqual({ kind: "cancelled" });
});

test("what takes too long has taken too long, however it ends", () => {
  const cancellation = createCancellation();
  cancellation.cancel({ kind: "timed-out", limitMs: 10 });
  expect(runOutcome(ended(0), cancellation)).toEqual({
    kind: "timed-out",
    limitMs: 10,
    durationMs: 5,
  });
});
