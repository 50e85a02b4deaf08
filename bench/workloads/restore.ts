import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Contestant, Workload } from "../measure.ts";
import {
  type Bench,
  build,
  deleteOutputs,
  digestOutputs,
  expectNothingRan,
  makeSites,
  type Site,
  warm,
} from "../site.ts";
import type { Shape } from "../workspace.ts";

/** Everything is cached and every output is gone. */
export function restore(bench: Bench, shape: Shape): Workload {
  const sites = makeSites(bench, shape);
  const runs = sites.map((site) => {
    warm(bench, site);
    const expected = digestOutputs(site);
    return {
      ...build(site),
      prepare: () => deleteOutputs(site),
      check: () => expectNothingRan(site, expected),
    };
  });
  const tars = sites.filter(({ runner }) => runner.name === "vt").map((site) => tar(bench, site));
  return {
    contestants: [...runs, ...tars],
    goals: { "tar -x": { time: 1.1 } },
  };
}

/** The same files from one archive, unpacked by tar. vt's own names rows instead of paths, so tar makes one. */
function tar({ directory }: Bench, site: Site): Contestant {
  const cwd = join(directory, "tar");
  const archive = join(directory, "outputs.tar.zst");
  const made = Bun.spawnSync(["sh", "-c", `tar -cf - packages/*/dist | zstd -q -1 -o ${archive}`], {
    cwd: site.root,
  });
  if (made.exitCode !== 0) throw new Error(`tar: ${made.stderr.toString()}`);
  const expected = digestOutputs(site);
  const copy = { ...site, root: cwd, runner: { ...site.runner, name: "tar -x" } };
  return {
    name: "tar -x",
    command: ["tar", "--zstd", "-xf", archive],
    cwd,
    prepare: () => {
      rmSync(cwd, { recursive: true, force: true });
      mkdirSync(cwd);
    },
    check: () => expectNothingRan(copy, expected),
  };
}
