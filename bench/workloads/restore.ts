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
export function restore(bench: Bench, name: string, shape: Shape): Workload {
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
    name: `restore ${name}`,
    contestants: [...runs, ...tars],
    goals: { "tar -x": { time: 1.1 } },
  };
}

/** The same archives, unpacked by tar. Of many, all in one go of the shell. */
function tar({ directory }: Bench, site: Site): Contestant {
  const cwd = join(directory, "tar");
  const archives = [...new Bun.Glob("node_modules/.vt/**/*.tar.zst").scanSync({ cwd: site.root, dot: true })];
  if (archives.length === 0) throw new Error("vt has stored no archive");
  const commands = archives.map((path) => `tar --zstd -xf ${join(site.root, path)}`);
  const expected = digestOutputs(site);
  const copy = { ...site, root: cwd, runner: { ...site.runner, name: "tar -x" } };
  return {
    name: "tar -x",
    command: archives.length === 1 ? (commands[0] ?? "").split(" ") : ["sh", "-c", commands.join(" && ")],
    cwd,
    prepare: () => {
      rmSync(cwd, { recursive: true, force: true });
      mkdirSync(cwd);
    },
    check: () => expectNothingRan(copy, expected),
  };
}
