// What putting outputs back costs for each of them, in counts: times depend on the machine, these do
// not. The limits are argued for in bench/RESULTS.md.
import { expect, setDefaultTimeout, test } from "bun:test";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { patience, runVt } from "../harness/vt.ts";
import { copyWorkspace } from "../harness/workspace.ts";

setDefaultTimeout(patience);

/** Open, write, set the mode, close; and, of 1,000 files, what a few more pieces of the archive cost. */
const changesPerOutput = 4.1;

/** The file that it is copied from, and the output: `cp` looked whether it was there. */
const looksPerOutput = 2.1;

const changing = "openat,write,fchmod,close,rename,renameat2,mkdir,chmod,unlink,unlinkat,pwrite64";

test.skipIf(Bun.which("strace") === null)(
  "an output is put back with as many calls as it takes to write it (needs strace)",
  async () => {
    const [few, many] = [await measureRestore(500), await measureRestore(2500)];
    const costs = JSON.stringify({ few, many });
    expect((many.changes - few.changes) / 2000, costs).toBeLessThanOrEqual(changesPerOutput);
    expect((many.looks - few.looks) / 2000, costs).toBeLessThanOrEqual(looksPerOutput);
  },
);

type Cost = { readonly changes: number; readonly looks: number };

/** Of a hit that has all its outputs to put in place. */
async function measureRestore(outputs: number): Promise<Cost> {
  await using workspace = await copyWorkspace(join(import.meta.dir, "cost"));
  const directory = join(workspace.root, "packages/p");
  await mkdir(join(directory, "source"), { recursive: true });
  const manifest = { name: "p", scripts: { build: "cp -r source made" } };
  await writeFile(join(directory, "package.json"), JSON.stringify(manifest));
  for (let number = 0; number < outputs; number += 1)
    await writeFile(join(directory, "source", String(number)), `${number}\n`);
  for (let run = 0; run < 3; run += 1) await runVt(workspace, ["run", "-r", "build"]);
  await rm(join(directory, "made"), { recursive: true });
  const log = join(workspace.temporary, "calls");
  const strace = ["strace", "-f", "-qq", "-e", `trace=${changing},newfstatat`, "-o", log];
  const { text } = await runVt(workspace, ["run", "-r", "build"], { under: strace });
  expect(text).toContain("◉ cache hit, replaying");
  expect(await readdir(join(directory, "made"))).toHaveLength(outputs);
  const calls = (await readFile(log, "utf8"))
    .split("\n")
    .filter((line) => /^\d+ +\w+\(/.test(line));
  const looks = calls.filter((line) => line.includes(" newfstatat(")).length;
  return { looks, changes: calls.length - looks };
}
