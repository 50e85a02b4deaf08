import { afterAll, beforeAll, expect, test } from "bun:test";
import { patience } from "../../harness/vt.ts";
import type { Workspace } from "../../harness/workspace.ts";
import { type Installation, installTools, type Source } from "./installation.ts";
import { knownGaps } from "./known-gaps.ts";
import { columns, play, type Row } from "./play.ts";
import { showTable } from "./table.ts";
import type { Tool } from "./tool.ts";

/** A test for each tool, in a tiny workspace with nothing configured but `"cache": true`. Prints their table. */
export function testTools(all: readonly Tool[], source: Source): void {
  const isThere = ({ needs }: Tool): boolean => needs === undefined || Bun.which(needs) !== null;
  const tools = all.filter(isThere);
  const rows = new Map<string, Row>();
  const workspaces: Workspace[] = [];
  let installation: Installation;

  beforeAll(async () => {
    installation = await installTools(source);
    // All links are made first: making one changes the times of the file that all workspaces share.
    for (const tool of tools) workspaces.push(await installation.workspace(tool));
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

  test.each(tools.map(({ name }) => name))("%s", (name) => {
    const row = rows.get(name);
    const failing = columns.filter((column) => row?.[column].length !== 0);
    const gaps = columns.filter((column) => knownGaps.cells[name]?.[column] !== undefined);
    const details = Object.fromEntries(failing.map((column) => [column, row?.[column]]));
    expect({ failing, details }).toEqual({ failing: gaps, details });
  });

  for (const { name, needs } of all.filter((tool) => !isThere(tool)))
    test.skip(`${name} (needs ${needs})`, () => undefined);
}
