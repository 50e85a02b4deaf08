import { utimesSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Contestant, Workload } from "../measure.ts";
import {
  type Bench,
  build,
  digestOutputs,
  expectNothingRan,
  makeSites,
  type Site,
  warm,
} from "../site.ts";
import { floorCommand, type Visit } from "./hit.ts";

/** One step that has read many files, none of which has changed. */
export function unchanged(bench: Bench, files: number): Workload {
  return tracked(bench, {
    files,
    floor: "statx, 2 threads",
    how: "look",
    limit: 2,
    prepare: () => undefined,
  });
}

/** The same with new times on every file and the old content in it, as after a fresh checkout. */
export function touched(bench: Bench, files: number): Workload {
  return tracked(bench, {
    files,
    floor: "hash, 2 threads",
    how: "read",
    limit: 1.5,
    prepare: touchSources,
  });
}

type Tracked = {
  readonly files: number;
  readonly floor: string;
  readonly how: Visit["how"];
  readonly limit: number;
  readonly prepare: (site: Site) => void;
};

function tracked(bench: Bench, { files, floor, how, limit, prepare }: Tracked): Workload {
  const sites = makeSites(bench, { packages: 1, sources: files, outputs: 1, outputBytes: 1024 });
  const runs: Contestant[] = sites.map((site) => {
    warm(bench, site);
    const expected = digestOutputs(site);
    return {
      ...build(site),
      prepare: () => prepare(site),
      check: () => expectNothingRan(site, expected),
    };
  });
  const [first] = sites;
  if (first === undefined) throw new Error("no runner");
  const visits = first.sources.map((path): Visit => ({ path: join(first.root, path), how }));
  const sum = `${floor} + empty Bun`;
  const floors: Contestant[] = [
    { name: floor, command: floorCommand(bench, 2, visits), cwd: dirname(first.root) },
    { name: "empty Bun", command: [bench.programs.emptyBun], cwd: dirname(first.root) },
  ];
  return {
    contestants: [...runs, ...floors],
    sums: { [sum]: [floor, "empty Bun"] },
    goals: { [sum]: { time: limit } },
  };
}

let moment = 1_600_000_000;

function touchSources({ root, sources }: Site): void {
  moment += 1;
  for (const source of sources) utimesSync(join(root, source), moment, moment);
}
