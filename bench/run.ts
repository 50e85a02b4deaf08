// `npm run bench`: builds vt, lets it and whoever is installed beside it do the same work, prints a table.
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { version } from "../package.json";
import { compileHost } from "../scripts/compile.ts";
import { runBench } from "./bench.ts";
import { describeGrowth } from "./growth.ts";
import { describeMachine, load } from "./machine.ts";
import { findRivals, installRivals, rivalVersions } from "./rivals.ts";
import { renderTable } from "./table.ts";
import type { Size } from "./workloads.ts";

const root = join(import.meta.dir, "..");
const rounds: Readonly<Record<Size, number>> = { quick: 3, full: 20 };

const help = `npm run bench -- [options]

  --quick            small workloads, ${rounds.quick} rounds
  --rounds <n>       ${rounds.full} by default; the goals are about medians of at least as many
  --only <text>      only workloads with this in their name
  --dir <directory>  where workspaces are made; see bench/RESULTS.md for what to choose
  --json <file>      every single measurement, for comparison with other days
  --install-peers    get the rivals from npm first, into bench/.peers
`;

const { values: flags } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    rounds: { type: "string" },
    only: { type: "string", default: "" },
    dir: { type: "string", default: tmpdir() },
    json: { type: "string" },
    "install-peers": { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

if (flags.help) console.log(help);
else await main();

async function main(): Promise<void> {
  if (flags["install-peers"]) await installRivals();
  await compileHost();
  const size: Size = flags.quick ? "quick" : "full";
  const rivals = findRivals();
  const before = load();
  const results = await runBench({
    vt: join(root, "dist/vt"),
    rivals,
    size,
    rounds: Number(flags.rounds ?? rounds[size]),
    place: flags.dir,
    only: flags.only,
    tell: ({ name }) => console.error(`measured: ${name}`),
  });
  const head = [
    `vt ${version}${rivalVersions(rivals)
      .map((name) => `, ${name}`)
      .join("")}; ${flags.rounds ?? rounds[size]} rounds, ${size}`,
    ...describeMachine(flags.dir),
    `load ${before} before, ${load()} after (the measured programs included)`,
  ];
  console.log(`${head.join("\n")}\n\n${renderTable(results)}\n${describeGrowth(results)}`);
  if (flags.json !== undefined)
    await writeFile(flags.json, `${JSON.stringify({ format: 1, head, results })}\n`);
}
