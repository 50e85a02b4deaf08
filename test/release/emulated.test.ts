// The executables for other processors and for musl, started here: each in a root directory of its own.
import { expect, setDefaultTimeout, test } from "bun:test";
import { existsSync } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { hasForeign } from "../../scripts/foreign.ts";
import { canMount } from "../harness/abilities.ts";
import { patience } from "../harness/vt.ts";
import { openSmallRoot, type SmallRoot } from "./small-root.ts";

setDefaultTimeout(patience);

const missing = [
  { name: "mount", isMet: canMount() },
  { name: "qemu-aarch64-static", isMet: Bun.which("qemu-aarch64-static") !== null },
  { name: "aarch64-linux-gnu-gcc", isMet: existsSync("/usr/aarch64-linux-gnu/lib/libc.so.6") },
  { name: "programs of other systems", isMet: hasForeign() },
].find(({ isMet }) => !isMet);
const testHere = test.skipIf(missing !== undefined);
const needs = missing === undefined ? "" : ` (needs ${missing.name})`;

testHere.each([
  { name: "linux-x64-musl", task: "observed" },
  { name: "linux-arm64", task: "copied" },
])(
  `vt for $name stores what it traced, hits, restores and misses${needs}`,
  async ({ name, task }) => {
    await using root = await openSmallRoot(name);
    await expectCached(root, task);
    await writeFile(join(root.path, "workspace/source"), "edited\n");
    expect((await root.vt("run", "--cache", task)).text).toContain("'source' modified");
  },
);

// A program without libc needs the filter of the kernel, which qemu has not.
testHere.each(["linux-arm64", "linux-arm64-musl"])(
  `vt for %s does not store what cannot be followed under the emulator, and says so${needs}`,
  async (name) => {
    await using root = await openSmallRoot(name);
    const { exitCode, text } = await root.vt("run", "--cache", "observed");
    expect({ exitCode, text }).toEqual({ exitCode: 0, text });
    expect(text).toContain("not cached because the system refused to track files");
  },
);

testHere.each(["linux-x64-musl", "linux-arm64", "linux-arm64-musl"])(
  `vt for %s caches a task that names its files${needs}`,
  async (name) => {
    await using root = await openSmallRoot(name);
    await expectCached(root, "explicit");
  },
);

// That for glibc does not: Bun ends there before it comes to vt.
testHere(`without /proc vt for musl runs tasks, and says what it lacks${needs}`, async () => {
  await using root = await openSmallRoot("linux-x64-musl", "dev");
  const { exitCode, text } = await root.vt("run", "--cache", "observed");
  expect({ exitCode, text }).toEqual({ exitCode: 0, text });
  expect(text).toContain("files cannot be tracked here: /proc is not mounted");
});

/** Runs it twice, the second time without what the first made. */
async function expectCached(root: SmallRoot, task: string): Promise<void> {
  const made = join(root.path, `workspace/${task}.txt`);
  const first = await root.vt("run", "--cache", task);
  expect(first).toEqual({ exitCode: 0, text: first.text });
  expect(first.text).not.toContain("not cached");
  const content = await readFile(made, "utf8");
  await rm(made);
  const second = await root.vt("run", "--cache", task);
  expect(second).toEqual({ exitCode: 0, text: second.text });
  expect(second.text).toContain("◉ cache hit, replaying");
  expect(await readFile(made, "utf8")).toBe(content);
}
