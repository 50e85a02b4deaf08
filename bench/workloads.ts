import type { Measurement, Workload } from "./measure.ts";
import type { Bench } from "./site.ts";
import { cold, store } from "./workloads/cold.ts";
import { hit } from "./workloads/hit.ts";
import { plan } from "./workloads/plan.ts";
import { restore } from "./workloads/restore.ts";
import { startup } from "./workloads/startup.ts";
import { touched, unchanged } from "./workloads/tracked.ts";

/** One block of the table. */
export type WorkloadSource = {
  readonly name: string;
  /** Given where the same work is measured on several amounts of something. */
  readonly series?: { readonly name: string; readonly size: number };
  /** Makes what it needs, in the directory given. */
  readonly make: (bench: Bench) => Workload;
};

export type Result = Measurement & Pick<WorkloadSource, "name" | "series">;

export type Size = "quick" | "full";

/** `quick` shows that everything works, and gives a first impression; the goals are about `full`. */
export function workloadsOf(size: Size): readonly WorkloadSource[] {
  return size === "quick" ? quick : full;
}

const starts: readonly WorkloadSource[] = [
  { name: "vt --version", make: (bench) => startup(bench, "--version") },
  { name: "vt --help", make: (bench) => startup(bench, "--help") },
];

const quick: readonly WorkloadSource[] = [
  ...starts,
  ...[1, 10].map(hitOf),
  restoreOf("100 outputs", { packages: 1, outputs: 100, outputBytes: 1024 }),
  { name: "store 100 outputs", make: (bench) => store(bench, 100) },
  { name: "cold, 10 packages of 1 ms", make: (bench) => cold(bench, 10) },
  ...trackedOf(300),
  { name: "plan 50 packages, 150 tasks", make: (bench) => plan(bench, 50) },
];

const full: readonly WorkloadSource[] = [
  ...starts,
  ...[1, 10, 100, 500].map(hitOf),
  restoreOf("1000 outputs of 100 packages", { packages: 100, outputs: 10, outputBytes: 1024 }),
  restoreOf("100 outputs", { packages: 1, outputs: 100, outputBytes: 1024 }),
  restoreOf("10000 outputs", { packages: 1, outputs: 10_000, outputBytes: 1024 }),
  restoreOf("1 GiB", { packages: 1, outputs: 1, outputBytes: 2 ** 30 }),
  { name: "store 10000 outputs", make: (bench) => store(bench, 10_000) },
  { name: "cold, 100 packages of 1 ms", make: (bench) => cold(bench, 100) },
  ...[1_000, 100_000].flatMap(trackedOf),
  { name: "plan 1000 packages, 3000 tasks", make: (bench) => plan(bench, 1000) },
];

function hitOf(packages: number): WorkloadSource {
  const name = `hit of ${packages} ${packages === 1 ? "package" : "packages"}`;
  const series = { name: "package of a hit", size: packages };
  return { name, series, make: (bench) => hit(bench, packages) };
}

function trackedOf(files: number): readonly WorkloadSource[] {
  const name = `1 step, ${files} files`;
  return [
    {
      name: `${name}, unchanged`,
      series: { name: "unchanged file", size: files },
      make: (bench) => unchanged(bench, files),
    },
    {
      name: `${name}, all touched`,
      series: { name: "touched file", size: files },
      make: (bench) => touched(bench, files),
    },
  ];
}

function restoreOf(
  what: string,
  shape: { readonly packages: number; readonly outputs: number; readonly outputBytes: number },
): WorkloadSource {
  return {
    name: `restore ${what}`,
    ...(shape.packages === 1 && {
      series: { name: `restored output of ${shape.outputBytes} bytes`, size: shape.outputs },
    }),
    make: (bench) => restore(bench, { ...shape, sources: 10 }),
  };
}
