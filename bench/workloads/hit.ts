import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Workload } from "../measure.ts";
import { type Bench, build, digestOutputs, expectNothingRan, makeSites, warm } from "../site.ts";
import type { Workspace } from "../workspace.ts";

/** Everything is cached and in place: what a second run takes. */
export function hit(bench: Bench, packages: number): Workload {
  const shape = { packages, sources: 10, outputs: 10, outputBytes: 1024 };
  const sites = makeSites(bench, shape);
  const runs = sites.map((site) => {
    warm(bench, site);
    const expected = digestOutputs(site);
    return { ...build(site), check: () => expectNothingRan(site, expected) };
  });
  const [first] = sites;
  if (first === undefined) throw new Error("no runner");
  const { emptyBun } = bench.programs;
  return {
    contestants: [
      ...runs,
      { name: "C floor", command: floorCommand(bench, 1, pathsOfHit(first)), cwd: first.root },
      { name: "empty Bun", command: [emptyBun], cwd: first.root },
    ],
    sums: { "C floor + empty Bun": ["C floor", "empty Bun"] },
    goals: {
      vp: { time: packages === 1 ? 0.2 : 0.25, memory: 1 },
      turbo: { time: 0.35 },
      "C floor + empty Bun": { time: 2 },
    },
  };
}

/** What `bench/programs/floor.c` is to do with one path. */
export type Visit = { readonly path: string; readonly how: "look" | "read" };

/** Writes the list that the floor program works through, and returns its command. */
export function floorCommand(
  { directory, programs }: Bench,
  threads: number,
  visits: readonly Visit[],
): readonly string[] {
  const list = join(directory, `list-${threads}`);
  writeFileSync(
    list,
    visits.map(({ path, how }) => `${how === "read" ? "r" : "s"}${path}\0`).join(""),
  );
  return [programs.floor, String(threads), list];
}

/** The configuration of every package is read; sources, outputs and their folders are looked at. */
function pathsOfHit({ root, layers, sources, outputs }: Workspace): readonly Visit[] {
  const packages = ["", ...layers.flat().map((path) => `${path}/`)];
  const read = packages.flatMap((path) => [`${path}package.json`, `${path}vite-task.json`]);
  const files = [...sources, ...outputs];
  const folders = new Set(files.flatMap((path) => [dirname(path), dirname(dirname(path))]));
  return [
    ...read.map((path): Visit => ({ path: join(root, path), how: "read" })),
    ...[...folders, ...files].map((path): Visit => ({ path: join(root, path), how: "look" })),
  ];
}
