import type { Span } from "../execute/profile.ts";
import { describeCommand, describeTask } from "./command-line-status.ts";

/**
 * Spans in the Trace Event Format, which chrome://tracing, ui.perfetto.dev and speedscope.app show. Tasks are
 * in rows: those that were under way at the same time have one each.
 */
export function profileJson(spans: readonly Span[], pid: number): string {
  const lanes = lanesOf(spans);
  const names = new Map([[runLane, "vt"], ...[...lanes.values()].map(nameLane)]);
  const traceEvents = [
    { name: "process_name", ph: "M", pid, args: { name: "vt run" } },
    ...[...names].map(([tid, name]) => ({
      name: "thread_name",
      ph: "M",
      pid,
      tid,
      args: { name },
    })),
    ...spans.map((span) => ({
      name: span.phase,
      ph: "X",
      pid,
      tid: (span.step && lanes.get(taskOf(span.step))) ?? runLane,
      ts: span.beganUs,
      dur: span.endedUs - span.beganUs,
      ...(span.step && {
        args: { task: taskOf(span.step), command: describeCommand(span.step) },
      }),
    })),
  ];
  return `${JSON.stringify({ displayTimeUnit: "ms", traceEvents })}\n`;
}

const runLane = 0;

function nameLane(lane: number): readonly [number, string] {
  return [lane, `tasks ${lane}`];
}

function taskOf(step: NonNullable<Span["step"]>): string {
  return describeTask(step.task);
}

/** Numbers from 1, by task: what overlaps in time has different ones. */
function lanesOf(spans: readonly Span[]): ReadonlyMap<string, number> {
  const tasks = new Map<string, { beganUs: number; endedUs: number }>();
  for (const { step, beganUs, endedUs } of spans) {
    if (step === undefined) continue;
    const known = tasks.get(taskOf(step)) ?? { beganUs, endedUs };
    known.beganUs = Math.min(known.beganUs, beganUs);
    known.endedUs = Math.max(known.endedUs, endedUs);
    tasks.set(taskOf(step), known);
  }
  const inOrder = [...tasks].sort(([, a], [, b]) => a.beganUs - b.beganUs);
  const freeFromUs: number[] = [];
  const lanes = new Map<string, number>();
  for (const [task, { beganUs, endedUs }] of inOrder) {
    const free = freeFromUs.findIndex((fromUs) => fromUs <= beganUs);
    const lane = free === -1 ? freeFromUs.length : free;
    freeFromUs[lane] = endedUs;
    lanes.set(task, lane + 1);
  }
  return lanes;
}
