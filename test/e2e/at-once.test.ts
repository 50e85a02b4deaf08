// What goes on at the same time: two vt in one workspace, two tasks in one run.
import { Database } from "bun:sqlite";
import { expect, setDefaultTimeout, test } from "bun:test";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { patience, runVt } from "../harness/vt.ts";
import { copyWorkspace } from "../harness/workspace.ts";
import { hit, openSteered } from "./steered.ts";

setDefaultTimeout(patience);

test("what two vt made of the same outputs at once is stored by neither, but what one makes alone is", async () => {
  await using workspace = await openSteered();
  const running = [workspace.start("append"), workspace.start("append")];
  await workspace.reach("begun", 2);
  await workspace.pass("begun");
  for (const { exitCode, text } of await Promise.all(running)) {
    expect({ exitCode, text }).toEqual({ exitCode: 0, text });
    expect(text).toContain("not cached because the same was run at the same time");
  }
  expect(await workspace.read("made")).toBe("first\nsecond\nsecond\n");
  await rm(join(workspace.root, "made"));
  expect(await workspace.run("append")).not.toContain(hit);
  expect(await workspace.read("made")).toBe("first\nsecond\n");
  await rm(join(workspace.root, "made"));
  expect(await workspace.run("append")).toContain(hit);
  expect(await workspace.read("made")).toBe("first\nsecond\n");
});

test("two vt may run different steps of a workspace at once, and both are stored", async () => {
  await using workspace = await openSteered();
  const running = workspace.start("append");
  await workspace.reach("begun");
  await workspace.run("show");
  await workspace.pass("begun");
  await running;
  expect(await workspace.run("show")).toContain(hit);
  expect(await workspace.run("append")).toContain(hit);
});

test("steps that are one are not stored when another vt is at an earlier one of them", async () => {
  await using workspace = await openSteered();
  await workspace.pass("clearing");
  const first = workspace.start("clear-and-append");
  await workspace.reach("begun");
  await workspace.hold("clearing");
  const second = workspace.start("clear-and-append");
  await workspace.reach("clearing", 2);
  await workspace.pass("begun");
  expect((await first).text).toContain("not cached because the same was run at the same time");
  await workspace.pass("clearing");
  expect((await second).exitCode).toBe(0);
  await workspace.run("clear-and-append");
  const text = await workspace.run("clear-and-append");
  expect(text.split(hit).length - 1).toBe(2);
  expect(await workspace.read("made")).toBe("first\nsecond\n");
});

test("twenty vt at once all end well, cold and on hits, and leave one archive", async () => {
  await using workspace = await openSteered();
  for (const _ of ["cold", "warm"]) {
    const runs = await Promise.all(Array.from({ length: 20 }, () => workspace.start("copy")));
    expect(runs.map(({ exitCode }) => exitCode)).toEqual(runs.map(() => 0));
    expect(await workspace.read("made")).toBe("source\n");
    // Those of the cold ones that met another are not stored; this one is alone.
    await workspace.run("copy");
  }
  expect(await workspace.run("copy")).toContain(hit);
  const cache = join(workspace.root, "node_modules/.vt/v4");
  expect((await readdir(cache)).filter((name) => name.endsWith(".zst"))).toHaveLength(1);
  using database = new Database(join(cache, "cache.db"), { readonly: true });
  expect(database.query("PRAGMA integrity_check").get()).toEqual({ integrity_check: "ok" });
});

test("what is pruned while it is restored is a hit or a miss, and no trouble", async () => {
  await using workspace = await openSteered();
  const made = join(workspace.root, "made");
  await workspace.run("copy");
  for (let round = 0; round < 12; round += 1) {
    await rm(made);
    const [restored, ...pruned] = await Promise.all([
      workspace.start("copy"),
      ...[1, 2, 3].map(() => runVt(workspace, ["cache", "prune", "--max-size", "0"])),
    ]);
    for (const { exitCode, text } of [restored, ...pruned]) {
      expect({ exitCode, text }).toEqual({ exitCode: 0, text });
      expect(text).not.toContain("warning");
    }
    expect(await workspace.read("made")).toBe("source\n");
    // What the next round prunes and restores.
    await workspace.run("copy");
  }
});

test("neither of two tasks without an order that write one path is stored, and both are named", async () => {
  await using workspace = await copyWorkspace(join(import.meta.dir, "rivals"));
  const { text } = await runVt(workspace, ["run", "-r", "-v", "share"]);
  expect(text).toContain("Not cached: a#share writes 'shared' too");
  expect(text).toContain("Not cached: b#share writes 'shared' too");
  const again = (await runVt(workspace, ["run", "-r", "share"])).text;
  expect(again).not.toContain(hit);
  expect(again).toContain("cache miss: last run not stored: a#share writes 'shared' too");
  expect(again).toContain("cache miss: last run not stored: b#share writes 'shared' too");
});
