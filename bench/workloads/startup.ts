import type { Contestant, Workload } from "../measure.ts";
import type { Bench } from "../site.ts";

/** What everything else comes on top of. */
export function startup(bench: Bench, flag: "--version" | "--help"): Workload {
  const cwd = bench.directory;
  const runners: Contestant[] = bench.runners.map(({ name, program }) => ({
    name,
    command: [program, flag],
    cwd,
  }));
  return {
    contestants: [...runners, { name: "empty Bun", command: [bench.programs.emptyBun], cwd }],
    goals: { "empty Bun": { time: 1.5 } },
  };
}
