import { readdirSync, readFileSync } from "node:fs";
import type { AbsolutePath } from "../base/path.ts";
import { readProcessStat } from "../base/process-stat.ts";

/** A process that outlived its step. */
export type Survivor = { readonly pid: number; readonly name: string };

/** What the supervisor knows of the processes under a step's filters. */
export type FilterState = {
  /** Filters that still have a process. */
  readonly active: number;
  /** Whether every process of the step is under one. */
  readonly isEveryone: boolean;
};

/** By what the processes of a step can be told. */
type StepFacts = {
  readonly channel: AbsolutePath;
  /** Number of the one that was there first. */
  readonly firstPid: number;
  /** See `ticksNow`. */
  readonly begunAt: number;
};

const ticksPerSecond = 100; // On every processor that Linux shows them on.

/** The time as `readProcessStat` has it; 0 where the system does not tell. */
export function ticksNow(): number {
  return Math.floor(Number.parseFloat(readIfPossible("/proc/uptime") || "0") * ticksPerSecond);
}

/** How long a process may take to be gone after it has ended. */
const exitGraceMs = 100;
const pollMs = 5;

/**
 * Living processes that report to `channel`. The filter can tell for sure that none is left; who they
 * are is told by their environment, or else by their being under a filter.
 */
export function findSurvivors(step: StepFacts, filter: () => FilterState): readonly Survivor[] {
  for (let waitedMs = 0; ; waitedMs += pollMs) {
    const { active, isEveryone } = filter();
    if (isEveryone && active === 0) return [];
    const found = findByEnvironment(step);
    if (found.length > 0 || active === 0) return found;
    // Where nobody waits for orphans, older kernels count those that have ended.
    if (waitedMs >= exitGraceMs) return findByFilter(step);
    Bun.sleepSync(pollMs);
  }
}

/** `VT_CHANNEL=<channel>`, alone or followed by those of outer steps. */
function findByEnvironment(step: StepFacts): readonly Survivor[] {
  const variable = `\0VT_CHANNEL=${step.channel}`;
  const survivors: Survivor[] = [];
  for (const pid of newerProcessIds(step)) {
    const environment = `\0${readIfPossible(`/proc/${pid}/environ`)}`;
    const end = environment.indexOf(variable) + variable.length;
    const isOurs =
      environment.includes(variable) && /^[\0:]|^$/.test(environment.slice(end, end + 1));
    const name = isOurs ? nameOf(pid) : undefined;
    if (name !== undefined) survivors.push({ pid, name });
  }
  return survivors;
}

/**
 * Processes that clear their environment, as a static program may, but are under a filter. It is ours for
 * all that can be told, unless they were there before the step.
 */
function findByFilter({ begunAt }: StepFacts): readonly Survivor[] {
  const own = filterCount(readIfPossible("/proc/self/status"));
  return processIds().flatMap((pid) => {
    const name = nameOf(pid);
    const isFiltered = filterCount(readIfPossible(`/proc/${pid}/status`)) > own;
    const isForeign = readIfPossible(`/proc/${pid}/environ`).includes("VT_CHANNEL=");
    const isOlder = (readProcessStat(pid)?.startedAt ?? 0) < begunAt;
    return name === undefined || !isFiltered || isForeign || isOlder ? [] : [{ pid, name }];
  });
}

function filterCount(status: string): number {
  return Number(/^Seccomp_filters:\s+(\d+)$/m.exec(status)?.[1] ?? 0);
}

/** So many ticks, 0.1 s, are too few for the numbers of processes to have come round once. */
const shortTicks = 10;

/**
 * Processes that can be the step's. Numbers are given in turn, so after a short step only larger ones
 * than that of its first process, unless the newest of all is a smaller one.
 */
function newerProcessIds({ begunAt, firstPid }: StepFacts): readonly number[] {
  const isShort = ticksNow() - begunAt < shortTicks;
  const newest = Number(readIfPossible("/proc/loadavg").trimEnd().split(" ").at(-1));
  const pids = processIds();
  return isShort && newest >= firstPid ? pids.filter((pid) => pid >= firstPid) : pids;
}

function processIds(): readonly number[] {
  return readdirSync("/proc")
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && pid !== process.pid);
}

/** Undefined for a process that has ended, even if nobody has noticed yet. */
function nameOf(pid: number): string | undefined {
  const status = readIfPossible(`/proc/${pid}/status`);
  if (status === "" || /^State:\s+[ZX]/m.test(status)) return undefined;
  return /^Name:\s+(.*)$/m.exec(status)?.[1] ?? "";
}

/** Processes end while they are looked at, and those of other users cannot be read. */
function readIfPossible(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}
