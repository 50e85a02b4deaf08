import { closeSync, openSync, readSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Contestant, type Laboratory, runOnce } from "./measure.ts";
import type { Programs } from "./programs.ts";
import type { Runner } from "./runner.ts";
import { makeWorkspace, type Shape, type Workspace } from "./workspace.ts";

/** What every workload is made from. */
export type Bench = {
  readonly programs: Programs;
  readonly runners: readonly Runner[];
  readonly laboratory: Laboratory;
  /** Empty, and the workload's own. */
  readonly directory: string;
};

/** A workspace with the one runner that works in it, so that none sees what another has done. */
export type Site = Workspace & { readonly runner: Runner };

export function makeSites(bench: Bench, shape: Shape): readonly Site[] {
  return bench.runners.map((runner) => {
    const root = join(bench.directory, runner.name);
    const { task } = bench.programs;
    const workspace = makeWorkspace(root, shape, { task, configure: runner.configure });
    runner.link(root);
    return { ...workspace, runner };
  });
}

/** The runner builds its workspace. */
export function build({ runner, root }: Site): Pick<Contestant, "name" | "command" | "cwd"> {
  return { name: runner.name, command: runner.command, cwd: root };
}

/** vt remembers a run once nothing was left to be noted in one: that is the one after the first hit. */
const warmingRuns = 3;

/** In a workspace, or in a copy of it. */
type Outputs = Pick<Workspace, "root" | "outputs">;

/** Fills the cache, and lets runners note what they leave for later runs. */
export function warm(bench: Bench, site: Site): void {
  for (let run = 0; run < warmingRuns; run += 1) runOnce(build(site), bench.laboratory);
  digestOutputs(site);
}

/** Throws unless the outputs are still those of one and the same run of every task. */
export function expectNothingRan(site: Site, expected: bigint): void {
  if (digestOutputs(site) === expected) return;
  throw new Error(`${site.runner.name} was to take everything from its cache and did not`);
}

/** Throws unless another run has nothing to do, that is, unless everything was stored. */
export function expectStored(bench: Bench, site: Site): void {
  const made = digestOutputs(site);
  runOnce(build(site), bench.laboratory);
  expectNothingRan(site, made);
}

export function deleteOutputs({ root, outputs }: Outputs): void {
  for (const directory of new Set(outputs.map((path) => dirname(dirname(path)))))
    rmSync(join(root, directory), { recursive: true, force: true });
}

/** Of the bytes of all outputs. Throws when one is missing. */
export function digestOutputs({ root, outputs }: Outputs): bigint {
  return outputs.reduce((digest, path) => digestFile(join(root, path), digest), 0n);
}

const block = Buffer.alloc(1024 * 1024);

function digestFile(path: string, seed: bigint): bigint {
  const fd = openSync(path, "r");
  let digest = seed;
  for (;;) {
    const count = readSync(fd, block);
    if (count === 0) break;
    digest = Bun.hash.xxHash3(block.subarray(0, count), digest);
  }
  closeSync(fd);
  return digest;
}
