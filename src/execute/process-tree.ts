import { lstatSync, readdirSync, readlinkSync } from "node:fs";
import { type ProcessStat, readProcessStat } from "../base/process-stat.ts";

/** A living process. Zombies are not living. */
export type ProcessInfo = ProcessStat & { readonly pid: number };

/** Every living process; none where there is no `/proc`. */
export function listProcesses(): ProcessInfo[] {
  return processIds()
    .map(readProcess)
    .filter((info) => info !== undefined);
}

/** `root` and everything it started, as far as the line of parents is unbroken. */
export function descendantsOf(processes: readonly ProcessInfo[], root: number): ProcessInfo[] {
  const found = processes.filter(({ pid }) => pid === root);
  // The list grows while it is walked, so the children's children are found as well.
  for (const ancestor of found) {
    found.push(...processes.filter(({ parent }) => parent === ancestor.pid));
  }
  return found;
}

/**
 * The first process, apart from this one, that may still write into the pipe with this inode number. The
 * guardian has the other end.
 */
export function findPipeHolder(inode: number): ProcessInfo | undefined {
  const holder = processIds().find((pid) => pid !== process.pid && canWriteTo(pid, inode));
  return holder === undefined ? undefined : readProcess(holder);
}

function processIds(): number[] {
  return attempt(() => readdirSync("/proc"), [])
    .map(Number)
    .filter(Number.isInteger);
}

function readProcess(pid: number): ProcessInfo | undefined {
  const stat = readProcessStat(pid);
  return stat === undefined || stat.state === "Z" || stat.state === "X"
    ? undefined
    : { pid, ...stat };
}

function canWriteTo(pid: number, inode: number): boolean {
  const directory = `/proc/${pid}/fd`;
  return attempt(() => readdirSync(directory), []).some((fd) =>
    attempt(() => {
      const path = `${directory}/${fd}`;
      return readlinkSync(path) === `pipe:[${inode}]` && (lstatSync(path).mode & 0o200) !== 0;
    }, false),
  );
}

/** Processes end while they are looked at, and those of others do not show their files. */
function attempt<T>(look: () => T, otherwise: T): T {
  try {
    return look();
  } catch {
    return otherwise;
  }
}
