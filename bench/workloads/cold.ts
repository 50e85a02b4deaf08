import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Contestant, Workload } from "../measure.ts";
import { concurrency } from "../runner.ts";
import {
  type Bench,
  build,
  deleteOutputs,
  digestOutputs,
  expectStored,
  makeSites,
  type Site,
} from "../site.ts";

/** Nothing is cached: what watching and storing costs beside a script that only runs the programs. */
export function cold(bench: Bench, packages: number): Workload {
  const shape = { packages, sources: 10, outputs: 10, outputBytes: 1024, leastUs: 1000 };
  const sites = makeSites(bench, shape);
  const floors = sites
    .filter(({ runner }) => runner.name === "vt")
    .flatMap((site) => [shellLoop(bench, site), keeper(bench, site)]);
  return {
    contestants: [...coldRuns(bench, sites), ...floors],
    goals: { "shell loop": { time: 1.3 } },
  };
}

/** One step with many outputs, run and stored. */
export function store(bench: Bench, outputs: number): Workload {
  const sites = makeSites(bench, { packages: 1, sources: 10, outputs, outputBytes: 1024 });
  const floors = sites
    .filter(({ runner }) => runner.name === "vt")
    .map((site) => taskThenTar(bench, site));
  return {
    contestants: [...coldRuns(bench, sites), ...floors],
    goals: { "task + tar --zstd -1": { time: 1.2 } },
  };
}

function coldRuns(bench: Bench, sites: readonly Site[]): readonly Contestant[] {
  return sites.map((site) => ({
    ...build(site),
    prepare: () => {
      deleteOutputs(site);
      site.runner.clearCache(site.root);
    },
    check: () => expectStored(bench, site),
  }));
}

/** Layer by layer, as many at a time as the runners: what one would write by hand. */
function shellLoop(bench: Bench, { root, layers, command, outputs }: Site): Contestant {
  const lines = layers.map(
    (layer) =>
      `printf '%s\\n' ${layer.join(" ")} | xargs -P ${concurrency} -I{} sh -c 'cd {} && exec ${command}'`,
  );
  const contestant = scripted(bench, { name: "shell loop", root, lines });
  // To make a file takes longer than to write over one.
  return { ...contestant, prepare: () => deleteOutputs({ root: contestant.cwd, outputs }) };
}

/** Layer by layer, too, but each step is watched and what comes of it is kept: no tool that does so can do with less. */
function keeper(bench: Bench, { root, layers, command, outputs }: Site): Contestant {
  const place = join(bench.directory, "kept");
  const lines = layers.map(
    (layer) => `${bench.programs.keeper} ${concurrency} ${place} '${command}' ${layer.join(" ")}`,
  );
  const contestant = scripted(bench, { name: "C that watches and keeps", root, lines });
  const copy = { root: contestant.cwd, outputs };
  return {
    ...contestant,
    prepare: () => {
      deleteOutputs(copy);
      rmSync(place, { recursive: true, force: true });
      mkdirSync(place);
    },
    check: () => {
      digestOutputs(copy);
      const archives = readdirSync(place).filter((name) => name.endsWith(".tar.zst"));
      if (archives.length !== layers.flat().length) throw new Error("a result was not kept");
    },
  };
}

function taskThenTar(bench: Bench, { root, layers, command }: Site): Contestant {
  const [directory = ""] = layers.flat();
  const archive = join(bench.directory, "floor.tar.zst");
  const lines = [`cd ${directory}`, command, `ZSTD_CLEVEL=1 tar --zstd -cf ${archive} dist`];
  return scripted(bench, { name: "task + tar --zstd -1", root, lines });
}

/** A shell script that does the work in a copy of the workspace. */
function scripted(
  { directory }: Bench,
  floor: { readonly name: string; readonly root: string; readonly lines: readonly string[] },
): Contestant {
  const cwd = join(directory, floor.name);
  const script = join(directory, `${floor.name}.sh`);
  const { exitCode } = Bun.spawnSync(["cp", "-r", floor.root, cwd]);
  if (exitCode !== 0) throw new Error(`cp could not copy ${floor.root}`);
  writeFileSync(script, ["set -e", ...floor.lines, ""].join("\n"));
  return { name: floor.name, command: ["sh", script], cwd };
}
