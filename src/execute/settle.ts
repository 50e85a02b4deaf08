import { printable } from "../base/path.ts";
import type { Step } from "../plan/step.ts";
import type { StopSignal } from "./cancellation.ts";
import type { Emit } from "./event.ts";
import type { PipeReader } from "./pipe-reader.ts";
import { findPipeHolder, listProcesses, type ProcessInfo } from "./process-tree.ts";
import { killTree, signalEach } from "./signal-tree.ts";

/** How long what a process leaves behind may take to end before it counts as left behind. */
export const settleGraceMs = 2_000;

const settlePollMs = 10;

/** A process that outlived the one that was waited for. */
export type LeftBehind = { readonly name: string; readonly pid: number };

/** Tells in a step's place what it has left running. */
export function noteLeftBehind({ name, pid }: LeftBehind, step: Step, { emit }: Notice): void {
  const who = pid === 0 ? "a process" : `'${printable(name)}' (process ${pid})`;
  emit({ kind: "note", step, text: `${who} still runs in the background` });
}

type Notice = { readonly emit: Emit };

/**
 * After the process `leader` has ended: waits until all its text has come and nothing lives of the
 * group it led, but for each no longer than `graceMs`. Returns one of those that are left, if any.
 */
export async function settle(
  leader: number,
  readers: readonly PipeReader[],
  graceMs: number,
): Promise<LeftBehind | undefined> {
  if (!(await haveEnded(readers, graceMs))) {
    const inodes = readers.flatMap(({ pipe }) => pipe?.inode ?? []);
    const holder = inodes.map(findPipeHolder).find(Boolean);
    await Promise.all(readers.map(({ cancel }) => cancel()));
    return identify(holder ?? findSurvivor(leader)) ?? { name: "unknown", pid: 0 };
  }
  let survivor = findSurvivor(leader);
  for (let waitedMs = 0; survivor && waitedMs < graceMs; waitedMs += settlePollMs) {
    await Bun.sleep(settlePollMs);
    survivor = findSurvivor(leader);
  }
  return identify(survivor);
}

/** Asks those that still live to end, and kills what has not done so within the grace. */
export async function endAll(
  findLiving: () => readonly ProcessInfo[],
  signal: StopSignal,
  graceMs: number,
): Promise<void> {
  let living = findLiving();
  if (signal !== "SIGKILL") signalEach(living, signal);
  for (let waitedMs = 0; living.length > 0; waitedMs += settlePollMs) {
    if (waitedMs >= graceMs || signal === "SIGKILL")
      for (const { pid } of living) killTree({ root: pid, session: "shared" });
    // What cannot be killed at all, since it waits for a disk, is not waited for.
    if (waitedMs >= 2 * graceMs) return;
    await Bun.sleep(settlePollMs);
    living = findLiving();
  }
}

/** Whether all pipes came to their end within the grace. */
async function haveEnded(readers: readonly PipeReader[], graceMs: number): Promise<boolean> {
  const { promise: isOver, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(resolve, graceMs, false);
  try {
    const areDrained = Promise.all(readers.map(({ ended }) => ended)).then(() => true);
    return await Promise.race([areDrained, isOver]);
  } finally {
    clearTimeout(timer);
  }
}

/** A living process of the group that `leader` led. */
function findSurvivor(leader: number): ProcessInfo | undefined {
  try {
    process.kill(-leader, 0);
  } catch {
    return undefined;
  }
  return listProcesses().find(({ group }) => group === leader);
}

function identify(info: ProcessInfo | undefined): LeftBehind | undefined {
  return info && { name: info.name, pid: info.pid };
}
