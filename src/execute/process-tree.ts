import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** A living process, as `/proc` shows it. Zombies are not living. */
export type ProcessInfo = {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  /** In ticks since the machine's start: tells it from a later process with the same number. */
  readonly startedAt: number;
  /** The program's file name, cut to 15 bytes by the kernel. */
  readonly name: string;
};

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

/** The first process, apart from this one, that has the pipe with this inode number open. */
export function findPipeHolder(inode: number): ProcessInfo | undefined {
  const target = `pipe:[${inode}]`;
  const holder = processIds().find((pid) => pid !== process.pid && openFiles(pid).includes(target));
  return holder === undefined ? undefined : readProcess(holder);
}

/** Counted from the state on, which is the third in the manual. */
const startedAtField = 22 - 3;

function processIds(): number[] {
  return attempt(() => readdirSync("/proc"), [])
    .map(Number)
    .filter(Number.isInteger);
}

function readProcess(pid: number): ProcessInfo | undefined {
  const stat = attempt(() => readFileSync(`/proc/${pid}/stat`, "utf8"), "");
  // The name stands in parentheses and may hold any character, so the last one closes it.
  const nameEnd = stat.lastIndexOf(")");
  const fields = stat.slice(nameEnd + 2).split(" ");
  const [state, parent, group, session] = fields;
  if (nameEnd === -1 || state === "Z" || state === "X") return undefined;
  return {
    pid,
    parent: Number(parent),
    group: Number(group),
    session: Number(session),
    startedAt: Number(fields[startedAtField]),
    name: stat.slice(stat.indexOf("(") + 1, nameEnd),
  };
}

function openFiles(pid: number): string[] {
  const directory = `/proc/${pid}/fd`;
  return attempt(() => readdirSync(directory), []).map((fd) =>
    attempt(() => readlinkSync(`${directory}/${fd}`), ""),
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
