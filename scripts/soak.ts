// `npm run soak`: plays random task programs with vt's cache and without it, and reports what became of the
// steps, or whether planted faults are found.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { explore, type Finding } from "../test/model/explore.ts";
import { buildFaulty, copySources } from "../test/model/faults.ts";
import { buildInterpreters } from "../test/model/interpreters.ts";
import { plantedFaults } from "../test/model/planted-faults.ts";
import type { Stage } from "../test/model/play.ts";
import { describeProgress, describeTally, emptyTally } from "../test/model/tally.ts";
import { compileHost } from "./compile.ts";

const root = join(import.meta.dir, "..");
const fixtures = join(root, "test/model/fixtures");
/** After so many there is enough to think about. */
const disagreementsMax = 10;

const help = `npm run soak -- [options] [sequences [seed]]
npm run soak -- [options] --faults [name ...]

  --strict            stop at what vt might have done better, too
  --vt <file>         play with this executable; it is built where none is named
  --shrink <seconds>  how long a failure is made smaller, 60 by default
  --within <n>        a planted fault must be found within so many sequences, 500 by default
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    faults: { type: "boolean", default: false },
    strict: { type: "boolean", default: false },
    vt: { type: "string" },
    shrink: { type: "string", default: "60" },
    within: { type: "string", default: "500" },
    help: { type: "boolean", default: false },
  },
});
if (values.help) {
  console.log(help);
  process.exit();
}

const directory = await mkdtemp(join(tmpdir(), "vt-soak-"));
try {
  const interpreters = join(directory, "bin");
  await buildInterpreters(interpreters);
  if (values.faults) await findFaults(interpreters, positionals);
  else await soak(interpreters, positionals.map(Number));
} finally {
  await rm(directory, { recursive: true });
}

async function soak(interpreters: string, numbers: readonly number[]): Promise<void> {
  const [sequences = 300, seed = Math.floor(Math.random() * 2 ** 31)] = numbers;
  console.log(`seed ${seed}`);
  const { vt = join(root, "dist/vt"), strict: isStrict } = values;
  if (values.vt === undefined) await compileHost();
  const stage: Stage = { vt, interpreters, tally: emptyTally(), isStrict };
  const shrinkMs = Number(values.shrink) * 1000;
  const disagreements: Finding[] = [];
  const playAll = async (first: number, count: number): Promise<void> => {
    let played = 0;
    for (let next = first; played < count && disagreements.length < disagreementsMax; next += 2) {
      const finding = await explore(stage, {
        seed: next,
        sequences: count - played,
        shrinkMs,
        onPlayed: () => {
          played += 1;
          if (stage.tally.sequences % 100 > 0) return;
          console.log(describeProgress(stage.tally, disagreements.length));
        },
      });
      if (finding === undefined) return;
      disagreements.push(finding);
      await keep(finding);
    }
  };
  // Two at once: a step waits more than it works.
  const [half, rest] = [Math.ceil(sequences / 2), Math.floor(sequences / 2)];
  await Promise.all([playAll(seed, half), playAll(seed + 1, rest)]);
  console.log(describeTally(stage.tally));
  console.log(`${disagreements.length} disagreements`);
}

async function keep({ seed, scenario, message }: Finding): Promise<void> {
  const path = join(fixtures, `found-${seed}.json`);
  await Bun.write(path, `${JSON.stringify({ message, scenario }, undefined, 2)}\n`);
  console.log(`\nseed ${seed}: ${message}\nkept as ${path}\n`);
  process.exitCode = 1;
}

async function findFaults(interpreters: string, names: readonly string[]): Promise<void> {
  const copy = join(directory, "sources");
  await copySources(copy);
  for (const name of names.length > 0 ? names : Object.keys(plantedFaults)) {
    const vt = await buildFaulty(copy, name);
    const stage: Stage = { vt, interpreters, tally: emptyTally(), isStrict: false };
    const found = new AbortController();
    const exploration = { sequences: Number(values.within) / 2, shrinkMs: 0, signal: found.signal };
    const search = async (seed: number): Promise<Finding | undefined> => {
      const finding = await explore(stage, { ...exploration, seed });
      if (finding !== undefined) found.abort();
      return finding;
    };
    const findings = await Promise.all([search(1), search(2)]);
    const finding = findings.find((one) => one !== undefined);
    const { sequences } = stage.tally;
    if (finding === undefined) process.exitCode = 1;
    const how = finding === undefined ? "NOT FOUND in" : "found after";
    console.log(`${name}: ${how} ${sequences} sequences${finding ? `\n  ${finding.message}` : ""}`);
  }
}
