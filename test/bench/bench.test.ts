import { expect, test } from "bun:test";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runBench } from "../../bench/bench.ts";
import { workloadsOf } from "../../bench/workloads.ts";

const vt = join(import.meta.dir, "../../dist/vt");

test("vt and the floor programs do all the work of a quick run", async () => {
  const told: string[] = [];
  const results = await runBench({
    vt,
    rivals: [],
    size: "quick",
    rounds: 1,
    place: tmpdir(),
    only: "",
    tell: ({ name }) => told.push(name),
  });
  const names = workloadsOf("quick").map(({ name }) => name);
  expect(results.map(({ name }) => name)).toEqual(names);
  expect(told).toEqual(names);
  const samples = results.flatMap(({ rows }) => rows.flatMap((row) => row.samples));
  expect(samples.length).toBe(results.flatMap(({ rows }) => rows).length);
  expect(samples.every(({ wallMs, cpuMs }) => wallMs > 0 && cpuMs >= 0)).toBe(true);
}, 60_000);

test("a run that ends otherwise than it should is not measured", async () => {
  const bench = runBench({
    vt: "/bin/false",
    rivals: [],
    size: "quick",
    rounds: 1,
    place: tmpdir(),
    only: "vt --version",
    tell: () => undefined,
  });
  expect(bench).rejects.toThrow("vt ended with 1, not 0");
  await bench.catch(() => undefined);
}, 60_000);
