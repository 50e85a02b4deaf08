import { join } from "node:path";
import type { TraceMode } from "../../../src/trace/trace-mode.ts";
import { installPackages } from "../../harness/install-packages.ts";
import { temporaryDirectory } from "../../harness/temporary-directory.ts";
import { compare, type Outcome } from "./compare.ts";
import { compiledPrograms } from "./compiled-programs.ts";
import { javascriptPrograms } from "./javascript-programs.ts";
import type { Program } from "./program.ts";
import { systemPrograms } from "./system-programs.ts";

export const programsMin = 30;

export const programs: readonly Program[] = [
  ...javascriptPrograms,
  ...systemPrograms,
  ...compiledPrograms,
];

const modes: readonly TraceMode[] = ["auto", "full", "preload"];

const atOnce = 3;

/** Compares every program, telling of each as it is done. Throws when the tools cannot be installed. */
export async function runConformance(
  wanted: readonly Program[],
  tell: (outcome: Outcome) => void,
): Promise<void> {
  await using base = await temporaryDirectory();
  await installPackages(join(import.meta.dir, "install"), base.path);
  const queue = [...wanted];
  const work = async (): Promise<void> => {
    for (let program = queue.shift(); program !== undefined; program = queue.shift()) {
      tell(await compare(program, modes, base.path));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
}

/** What is wrong with an outcome, in words; nothing when all is as it should be. */
export function faults({ program, codes, comparisons }: Outcome): string[] {
  const found: string[] = [];
  if (new Set(codes).size !== 1) found.push(`it ends differently: ${codes.join(", ")}`);
  for (const { mode, expected, missed, strangers, incomplete } of comparisons) {
    const total = Object.values(expected).reduce((sum, count) => sum + count, 0);
    if (total < 3) found.push(`strace saw only ${total} paths`);
    for (const path of strangers) found.push(`${mode}: false: ${path}`);
    const isExcused = mode === "preload" && program.isDirect === true;
    if (isExcused && incomplete.length > 0) continue;
    for (const touch of missed) found.push(`${mode}: missed: ${touch}`);
    for (const reason of incomplete) found.push(`${mode}: incomplete: ${JSON.stringify(reason)}`);
  }
  return found;
}
