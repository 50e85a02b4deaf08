// Two vt that run the same step of the same workspace at the same time.
import { expect, setDefaultTimeout, test } from "bun:test";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { patience } from "../harness/vt.ts";
import { hit, openSteered } from "./steered.ts";

setDefaultTimeout(patience);

test("what two vt made of the same outputs at once is stored by neither, but what one makes alone is", async () => {
  await using workspace = await openSteered();
  const running = [workspace.start("append"), workspace.start("append")];
  await workspace.reach("begun", 2);
  await workspace.pass("begun");
  for (const { exitCode, text } of await Promise.all(running)) {
    expect({ exitCode, text }).toEqual({ exitCode: 0, text });
    expect(text).toContain("not cached because");
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
