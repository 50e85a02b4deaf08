// Real tools, each in a tiny workspace with nothing configured but `"cache": true`. Prints its table.
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { patience } from "../../harness/vt.ts";
import type { Workspace } from "../../harness/workspace.ts";
import { bundlers } from "./bundlers.ts";
import { checkers } from "./checkers.ts";
import { compilers } from "./compilers.ts";
import { frameworks } from "./frameworks.ts";
import { type Installation, installTools } from "./installation.ts";
import { knownGaps } from "./known-gaps.ts";
import { columns, play, type Row } from "./play.ts";
import { scripts, units } from "./scripts.ts";
import { showTable } from "./table.ts";

setDefaultTimeout(patience);

const tools = [...bundlers, ...frameworks, ...compilers, ...checkers, ...scripts, ...units];
const rows = new Map<string, Row>();

let installation: Installation;
const workspaces: Workspace[] = [];

beforeAll(async () => {
  installation = await installTools();
  // All links are made first: making one changes the times of the file that all workspaces share.
  for (const tool of tools) {
    workspaces.push(await installation.workspace(tool.command, tool.files));
  }
  const queue = tools.entries();
  const worker = async (): Promise<void> => {
    for (const [index, tool] of queue) {
      const workspace = workspaces[index];
      if (workspace !== undefined) rows.set(tool.name, await play(tool, workspace));
    }
  };
  await Promise.all([worker(), worker()]);
}, 3 * patience);

afterAll(async () => {
  process.stdout.write(`\n${showTable(tools.map(({ name }) => [name, rows.get(name)]))}\n`);
  for (const workspace of workspaces) await workspace[Symbol.asyncDispose]();
  await installation[Symbol.asyncDispose]();
});

test.each(tools)("$name", ({ name }) => {
  const row = rows.get(name);
  const failing = columns.filter((column) => row?.[column].length !== 0);
  const gaps = columns.filter((column) => knownGaps.cells[name]?.[column] !== undefined);
  const details = Object.fromEntries(failing.map((column) => [column, row?.[column]]));
  expect({ failing, details }).toEqual({ failing: gaps, details });
});
