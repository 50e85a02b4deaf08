// A look-up that ended in a hit with nothing to do is kept and not made again. Each test brings vt there,
// changes one thing that such a look-up rests on, and expects it to be seen.
import { Database } from "bun:sqlite";
import { expect, setDefaultTimeout, test } from "bun:test";
import { rm, utimes } from "node:fs/promises";
import { join } from "node:path";
import { patience } from "../harness/vt.ts";
import type { Workspace } from "../harness/workspace.ts";
import { changes, hit, openSettled, runSettled as run } from "./settled.ts";

setDefaultTimeout(patience);

test.each(changes)("$what is seen after hits that had nothing to do", async (one) => {
  await using workspace = await openSettled();
  const { task = "make" } = one;
  await settle(workspace, task);
  await one.change((path) => join(workspace.root, path));
  const { exitCode, text } = await run(workspace, task);
  expect({ exitCode, text }).toEqual({ exitCode: 0, text });
  expect(text).toContain(one.shows);
});

test("outputs that are gone are back after hits that had nothing to do", async () => {
  await using workspace = await openSettled();
  await settle(workspace, "make");
  await rm(join(workspace.root, "made"), { recursive: true });
  expect((await run(workspace, "make")).text).toContain(hit);
  expect(await Bun.file(join(workspace.root, "made/deep/all")).text()).toBe("source\npart\n");
});

test("a touched input of equal content is a hit, and settles again", async () => {
  await using workspace = await openSettled();
  await settle(workspace, "make");
  await utimes(join(workspace.root, "source"), 1, 1);
  expect((await run(workspace, "make")).text).toContain(hit);
  await settle(workspace, "make");
});

test("a forced run is run, and what it stored is what is found next", async () => {
  await using workspace = await openSettled();
  await settle(workspace, "make");
  const { text } = await run(workspace, "--force", "make");
  expect(text).not.toContain(hit);
  expect(countSettled(workspace)).toBe(0);
  await settle(workspace, "make");
});

test("a cache in another checkout finds nothing settled there, and hits", async () => {
  await using workspace = await openSettled();
  await settle(workspace, "make");
  const other = await workspace.checkOutAgain("other");
  expect((await run(other, "make")).text).toContain(hit);
  expect(await Bun.file(join(other.root, "made/deep/all")).text()).toBe("source\npart\n");
});

test("a hit on an untouched tree changes no byte of the database", async () => {
  await using workspace = await openSettled();
  await settle(workspace, "make");
  const cache = join(workspace.root, "node_modules/.vt/v4");
  const digest = async (): Promise<string> =>
    Bun.SHA256.hash(await Bun.file(join(cache, "cache.db")).bytes(), "hex");
  const before = await digest();
  expect((await run(workspace, "make")).text).toContain(hit);
  expect(await digest()).toBe(before);
});

const attemptsMax = 20;

/** Runs the task until there is nothing to do any more. Right after a run, stamps prove nothing yet. */
async function settle(workspace: Workspace, task: string): Promise<void> {
  await run(workspace, task);
  for (let attempt = 1; countSettled(workspace) === 0; attempt += 1) {
    if (attempt > attemptsMax) throw new Error("no look-up was kept");
    expect((await run(workspace, task)).text).toContain(hit);
  }
  expect((await run(workspace, task)).text).toContain(hit);
  // What is remembered of whole runs would be asked first.
  await rm(join(workspace.root, "node_modules/.vt/v4/runs"), { recursive: true, force: true });
}

function countSettled(workspace: Workspace): number {
  using database = new Database(join(workspace.root, "node_modules/.vt/v4/cache.db"));
  const row = database.query("SELECT count(*) AS count FROM record WHERE kind = 'settled'").get();
  return Number((row as { count: number }).count);
}
