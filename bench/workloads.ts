import type { Workload } from "./measure.ts";
import type { Bench } from "./site.ts";
import { cold, store } from "./workloads/cold.ts";
import { hit } from "./workloads/hit.ts";
import { plan } from "./workloads/plan.ts";
import { restore } from "./workloads/restore.ts";
import { startup } from "./workloads/startup.ts";
import { touched, unchanged } from "./workloads/tracked.ts";

/** Makes what one line of the table needs, when it is its turn. */
export type WorkloadSource = (bench: Bench) => Workload;

export type Size = "quick" | "full";

const small = { packages: 1, sources: 10, outputBytes: 1024 };

/** `quick` shows that everything works, and a first impression; `full` is what the goals are about. */
export function allWorkloads(size: Size): readonly WorkloadSource[] {
  return size === "quick" ? quick : full;
}

const quick: readonly WorkloadSource[] = [
  (bench) => startup(bench, "--version"),
  (bench) => startup(bench, "--help"),
  (bench) => hit(bench, 1),
  (bench) => hit(bench, 10),
  (bench) => restore(bench, "100 outputs", { ...small, outputs: 100 }),
  (bench) => store(bench, 100),
  (bench) => cold(bench, 10),
  (bench) => unchanged(bench, 1000),
  (bench) => touched(bench, 1000),
  (bench) => plan(bench, 100),
];

const full: readonly WorkloadSource[] = [
  (bench) => startup(bench, "--version"),
  (bench) => startup(bench, "--help"),
  (bench) => hit(bench, 1),
  (bench) => hit(bench, 10),
  (bench) => hit(bench, 100),
  (bench) => hit(bench, 500),
  (bench) => restore(bench, "1000 outputs of 100 packages", { ...small, packages: 100, outputs: 10 }),
  (bench) => restore(bench, "10000 outputs", { ...small, outputs: 10_000 }),
  (bench) => restore(bench, "1 GiB", { ...small, outputs: 1, outputBytes: 2 ** 30 }),
  (bench) => store(bench, 10_000),
  (bench) => cold(bench, 100),
  (bench) => unchanged(bench, 100_000),
  (bench) => touched(bench, 100_000),
  (bench) => plan(bench, 1000),
];
