import { mkdir, mkdtemp, realpath, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { measure } from "./measure.ts";
import { buildPrograms } from "./programs.ts";
import type { Rival } from "./rivals.ts";
import { allRunners } from "./runner.ts";
import { type Result, type Size, workloadsOf } from "./workloads.ts";

export type BenchOptions = {
  /** Path of the executable. */
  readonly vt: string;
  readonly rivals: readonly Rival[];
  readonly size: Size;
  readonly rounds: number;
  /** Where workspaces are made, each in a temporary directory. */
  readonly place: string;
  /** Only workloads whose name has this in it. */
  readonly only: string;
  /** Told as each workload ends. */
  readonly tell: (result: Result) => void;
};

/** Runs the workloads in a temporary directory of `place`. Throws when a contestant does not do its work. */
export async function runBench(options: BenchOptions): Promise<readonly Result[]> {
  const base = await mkdtemp(join(await realpath(options.place), "vt-bench-"));
  try {
    const programs = await buildPrograms(join(base, "programs"));
    const scratch = join(base, "scratch");
    const home = join(base, "home");
    for (const directory of [scratch, home]) await mkdir(directory);
    const laboratory = { stopwatch: programs.stopwatch, scratch, environment: environmentIn(home) };
    const runners = allRunners(options.vt, options.rivals);
    const results: Result[] = [];
    const chosen = workloadsOf(options.size).filter(({ name }) => name.includes(options.only));
    for (const [index, { name, series, make }] of chosen.entries()) {
      const directory = join(base, String(index));
      await mkdir(directory);
      const workload = make({ programs, runners, laboratory, directory });
      const result = {
        name,
        ...(series !== undefined && { series }),
        ...measure(workload, options.rounds, laboratory),
      };
      results.push(result);
      options.tell(result);
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
    // turbo starts scripts with it.
    PATH: `${dirname(process.execPath)}:${process.env["PATH"]}`,
    HOME: home,
    NO_COLOR: "1",
    DO_NOT_TRACK: "1",
    TURBO_TELEMETRY_DISABLED: "1",
  };
}
