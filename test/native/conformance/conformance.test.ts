import { beforeAll, expect, test } from "bun:test";
import type { Outcome } from "./compare.ts";
import { faults, programs, programsMin, runConformance } from "./conformance.ts";

const outcomes = new Map<string, Outcome>();
const wanted = programs.filter((program) => missingTool(program) === undefined);

beforeAll(async () => {
  await runConformance(wanted, (outcome) => outcomes.set(outcome.program.name, outcome));
}, 300_000);

test(`at least ${programsMin} programs are compared`, () => {
  expect(programs.length).toBeGreaterThanOrEqual(programsMin);
});

for (const program of programs) {
  const tool = missingTool(program);
  const name = `the tracer sees of ${program.name} what strace sees, and nothing else`;
  test.skipIf(tool !== undefined)(tool === undefined ? name : `${name} (needs ${tool})`, () => {
    const outcome = outcomes.get(program.name);
    expect(outcome === undefined ? ["it did not run"] : faults(outcome)).toEqual([]);
  });
}

function missingTool({ needs }: (typeof programs)[number]): string | undefined {
  return ["strace", ...(needs === undefined ? [] : [needs])].find(
    (tool) => Bun.which(tool) === null,
  );
}
