import { readdirSync, readFileSync } from "node:fs";
import type { AbsolutePath } from "../base/path.ts";
import { readProcessStat } from "../base/process-stat.ts";
import { numbersSince } from "./process-numbers.ts";

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
  readonly begun: Moment;
};

/** A point in the life of the system. */
type Moment = {
  /** See `ticksNow`. */
  readonly ticks: number;
  /** See `startsNow`; it may be of earlier, and more processes are looked at then. */
  readonly starts: number;
};

const ticksPerSecond = 100; // On every processor that Linux shows them on.

/** The time as `readProcessStat` has it; 0 where the system does not tell. */
export function ticksNow(): number {
  const uptime = Number.parseFloat(readIfPossible("/proc/uptime") || "0");
  return Math.floor(uptime * ticksPerSecond);
}

/** How many processes and threads have been started by now; 0 likewise. The system adds up a lot to tell. */
export function startsNow(): number {
  return Number(/^processes (\d+)$/m.exec(readIfPossible("/proc/stat"))?.[1] ?? 0);
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
function findByFilter(step: StepFacts): readonly Survivor[] {
  const own = filterCount(readIfPossible("/proc/self/status"));
  return newerProcessIds(step).flatMap((pid) => {
    const name = nameOf(pid);
    const isFiltered = filterCount(readIfPossible(`/proc/${pid}/status`)) > own;
    const isForeign = readIfPossible(`/proc/${pid}/environ`).includes("VT_CHANNEL=");
    const isOlder = (readProcessStat(pid)?.startedAt ?? 0) < step.begun.ticks;
    return name === undefined || !isFiltered || isForeign || isOlder ? [] : [{ pid, name }];
  });
}

function filterCount(status: string): number {
  return Number(/^Seccomp_filters:\s+(\d+)$/m.exec(status)?.[1] ?? 0);
}

/** Processes that can be the step's. Those that are started while this is found out have a parent among them. */
function newerProcessIds({ begun, firstPid }: StepFacts): readonly number[] {
  const pids = processIds();
  // `0.00 0.01 0.05 1/80 11206`: threads that run, that there are, and the newest number.
  const load = readIfPossible("/proc/loadavg").split(/[ /\n]/);
  return numbersSince(pids, {
    first: firstPid,
    newest: Number(load[5]),
    given: startsNow() - begun.starts,
    threads: Number(load[4]),
    count: Number(readIfPossible("/proc/sys/kernel/pid_max")),
  });
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
