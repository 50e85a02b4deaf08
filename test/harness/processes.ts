import { readdirSync, readFileSync } from "node:fs";

/** The number of the process whose words, each ended by a NUL, begin like that. */
export function findProcess(words: string): number | undefined {
  const found = readdirSync("/proc").find(
    (name) => /^\d+$/.test(name) && read(`/proc/${name}/cmdline`).startsWith(words),
  );
  return found === undefined ? undefined : Number(found);
}

/** The guardian of a vt, which outlives it. */
export function guardianOf(vt: number): number | undefined {
  return findProcess(`vt-guardian\0${vt}\0`);
}

/** `R` for one that runs, `S` for one that waits…; undefined once it is gone. */
export function stateOf(pid: number): string | undefined {
  return /\) (\w) /.exec(read(`/proc/${pid}/stat`))?.[1];
}

function read(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return ""; // It ended meanwhile.
  }
}
