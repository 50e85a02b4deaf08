import { readFileSync } from "node:fs";

/** One line of the kernel's about a process; its manual is proc_pid_stat(5). */
export type ProcessStat = {
  /** The program's file name, cut to 15 bytes by the kernel. */
  readonly name: string;
  /** A letter: `R`, `S`, `Z`… */
  readonly state: string;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  /** In the kernel's ticks since the machine's start: with it, a number that is used again is another process. */
  readonly startedAt: number;
};

/** Counted from the state on, which is the third in the manual. */
const startedAtField = 22 - 3;

/** Undefined where there is no such process any more, or the system does not tell. */
export function readProcessStat(pid: number): ProcessStat | undefined {
  const stat = readStat(pid);
  // The name stands in parentheses and may hold any character, so the last one closes it.
  const nameEnd = stat.lastIndexOf(")");
  if (nameEnd === -1) return undefined;
  const fields = stat.slice(nameEnd + 2).split(" ");
  const [state = "", parent, group, session] = fields;
  return {
    name: stat.slice(stat.indexOf("(") + 1, nameEnd),
    state,
    parent: Number(parent),
    group: Number(group),
    session: Number(session),
    startedAt: Number(fields[startedAtField]),
  };
}

function readStat(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    return ""; // It has ended, or there is no such file system here.
  }
}
