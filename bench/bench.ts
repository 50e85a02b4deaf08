import { mkdir, mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { measure, type Result } from "./measure.ts";
import { buildPrograms } from "./programs.ts";
import type { Rival } from "./rivals.ts";
import { allRunners } from "./runner.ts";
import { allWorkloads, type Size } from "./workloads.ts";

export type BenchOptions = {
  /** Path of the executable. */
  readonly vt: string;
  readonly rivals: readonly Rival[];
  readonly size: Size;
  readonly rounds: number;
  /** Only workloads whose name has this in it. */
  readonly only: string;
  /** Told as each workload ends. */
  readonly tell: (result: Result) => void;
};

/** Runs the workloads in a temporary directory. Throws when a contestant does not do its work. */
export async function runBench(options: BenchOptions): Promise<readonly Result[]> {
  const base = await mkdtemp(join(await realpath(tmpdir()), "vt-bench-"));
  try {
    const programs = await buildPrograms(join(base, "programs"));
    const scratch = join(base, "scratch");
    const home = join(base, "home");
    for (const directory of [scratch, home]) await mkdir(directory);
    const laboratory = { stopwatch: programs.stopwatch, scratch, environment: environmentIn(home) };
    const runners = allRunners(options.vt, options.rivals);
    const results: Result[] = [];
    for (const [index, make] of allWorkloads(options.size).entries()) {
      const directory = join(base, String(index));
      await mkdir(directory);
      const result = measureOne({ programs, runners, laboratory, directory });
      await rm(directory, { recursive: true });
    }
    return results;
  } finally {
    await rm(base, { recursive: true, force: true });
  }
}

/** The same for everyone, and nothing that makes a runner report home. */
function environmentIn(home: string): Readonly<Record<string, string>> {
  return {
    PATH: process.env["PATH"] ?? "",
    HOME: home,
    NO_COLOR: "1",
    DO_NOT_TRACK: "1",
    TURBO_TELEMETRY_DISABLED: "1",
  };
}
