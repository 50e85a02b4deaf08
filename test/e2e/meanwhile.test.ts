// What somebody does to the workspace, the programs or the cache while a task runs.
import { expect, setDefaultTimeout, test } from "bun:test";
import { rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { patience, runVt } from "../harness/vt.ts";
import { hit, openSteered } from "./steered.ts";

setDefaultTimeout(patience);

test("cleaning the cache while a task runs does not change how the task ends", async () => {
  await using workspace = await openSteered();
  const running = workspace.start("copy-and-hold");
  await workspace.reach("copied");
  expect((await runVt(workspace, ["cache", "clean"])).exitCode).toBe(0);
  await workspace.pass("copied");
  const { exitCode, text } = await running;
  expect({ exitCode, text }).toEqual({ exitCode: 0, text });
  expect(text).toContain("\ncopied\n");
  expect(text).toContain("not cached because the cache could not be written");
});

test("a task that removes node_modules, and the cache with it, ends as it would without vt", async () => {
  await using workspace = await openSteered();
  const text = await workspace.run("install");
  expect(text).toContain("\ninstalled\n");
  expect(text).toContain("not cached because the cache could not be written");
  expect(await workspace.read("node_modules/installed")).toBe("source\n");
  expect(await workspace.run("install")).toContain("\ninstalled\n");
});

test("a program that was replaced after the task had started it is a miss", async () => {
  await using workspace = await openSteered();
  await workspace.writeTool("tool", "one");
  const running = workspace.start("tool-and-hold");
  await workspace.reach("ran");
  await workspace.writeTool("tool", "two");
  await workspace.pass("ran");
  await running;
  expect(await workspace.read("made")).toBe("one\n");
  expect(await workspace.run("tool-and-hold")).not.toContain(hit);
  expect(await workspace.read("made")).toBe("two\n");
});

test("an output that somebody removed while the task ran is made by the next run", async () => {
  await using workspace = await openSteered();
  const running = workspace.start("copy-and-hold");
  await workspace.reach("copied");
  await rm(join(workspace.root, "made"));
  await workspace.pass("copied");
  expect((await running).text).toContain("'made' changed while the task ran");
  await workspace.run("copy-and-hold");
  expect(await workspace.read("made")).toBe("source\n");
});

test("with both sides explicit an input that was another file for a while is noticed", async () => {
  await using workspace = await openSteered();
  const source = join(workspace.root, "source");
  const aside = join(workspace.temporary, "aside");
  const running = workspace.start("explicit");
  await workspace.reach("before");
  await rename(source, aside);
  await writeFile(source, "swapped\n");
  await workspace.pass("before");
  await workspace.reach("after");
  await rename(aside, source);
  await workspace.pass("after");
  expect((await running).text).toContain("'source' changed while the task ran");
  expect(await workspace.read("made")).toBe("swapped\n");
  await workspace.run("explicit");
  expect(await workspace.read("made")).toBe("source\n");
});
