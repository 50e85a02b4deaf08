import { errnoOf } from "../base/file.ts";
import { isWindows } from "../base/path.ts";
import { guardianName } from "../native/guardian.ts";
import type { InterruptSignal } from "./cancellation.ts";
import { descendantsOf, listProcesses, type ProcessInfo } from "./process-tree.ts";

/** A process that we started, with everything that came from it. */
export type ProcessTree = {
  readonly root: number;
  /** `own`: it leads a session, so what it started is known by that, too. */
  readonly session: "own" | "shared";
};

/** Stops looking for new processes after so many rounds; each catches a generation of forks. */
const freezeRoundsMax = 50;

/**
 * Sends `signal` to the tree, except to processes that made a session of their own: those, and
 * nested runs of vt, are told by whoever keeps them.
 */
export function signalTree(tree: ProcessTree, signal: InterruptSignal): void {
  if (tree.session === "own") send(groupOf(tree), signal);
  const processes = listProcesses();
  const session = processes.find(({ pid }) => pid === tree.root)?.session ?? tree.root;
  for (const info of membersOf(tree, processes)) {
    const isReached = tree.session === "own" && info.group === tree.root;
    if (info.session === session && !isReached) send(info.pid, signal);
  }
}

/** Everything of the tree that lives now. */
export function familyOf(tree: ProcessTree): readonly ProcessInfo[] {
  return membersOf(tree, listProcesses());
}

/** Those that still live. */
export function survivorsOf(family: readonly ProcessInfo[]): readonly ProcessInfo[] {
  const living = new Map(listProcesses().map((info) => [info.pid, info]));
  return family.filter(({ pid, startedAt }) => living.get(pid)?.startedAt === startedAt);
}

/**
 * Children of this process that it has not started itself: it has adopted them. `roots` are those that it
 * has started.
 */
export function findOrphans(roots: ReadonlySet<number>): readonly ProcessInfo[] {
  return listProcesses().filter(
    ({ pid, parent, name }) => parent === process.pid && !roots.has(pid) && name !== guardianName,
  );
}

/** Sends `signal` to processes one by one, whatever sessions they are in. */
export function signalEach(processes: readonly ProcessInfo[], signal: InterruptSignal): void {
  for (const { pid } of processes) send(pid, signal);
}

/** Kills the whole tree, whatever sessions it made. Frozen first, so that nothing forks away. */
export function killTree(tree: ProcessTree): void {
  const frozen = new Set<number>();
  for (let round = 0; round < freezeRoundsMax; round += 1) {
    const found = membersOf(tree, listProcesses()).filter(({ pid }) => !frozen.has(pid));
    if (found.length === 0) break;
    for (const { pid } of found) {
      send(pid, "SIGSTOP");
      frozen.add(pid);
    }
  }
  for (const pid of frozen) send(pid, "SIGKILL");
  if (tree.session === "own") send(groupOf(tree), "SIGKILL");
}

function membersOf(tree: ProcessTree, processes: readonly ProcessInfo[]): ProcessInfo[] {
  const members = new Set(descendantsOf(processes, tree.root));
  if (tree.session === "shared") return [...members];
  for (const info of processes) if (info.session === tree.root) members.add(info);
  return [...members];
}

/** As `kill` wants it. Windows has no groups: there it is the process alone. */
function groupOf({ root }: ProcessTree): number {
  return isWindows ? root : -root;
}

/** A process that has just ended, or that belongs to somebody else by now, needs no signal. */
function send(pid: number, signal: InterruptSignal | "SIGSTOP" | "SIGKILL"): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    const errno = errnoOf(error);
    if (errno !== "ESRCH" && errno !== "EPERM") throw error;
  }
}
