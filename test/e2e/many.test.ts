// Many runs, and much that one run touches: what is kept of them has limits, and nothing is left out silently.
import { Database } from "bun:sqlite";
import { expect, setDefaultTimeout, test } from "bun:test";
import { readdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { patience, runVt } from "../harness/vt.ts";
import { hit, openSteered, type Steered } from "./steered.ts";

setDefaultTimeout(patience);

const entriesMax = 8;

test("a hundred results of one step leave as many archives as entries stay", async () => {
  await using workspace = await openSteered();
  for (let state = 1; state <= 100; state += 1) {
    await writeFile(join(workspace.root, "source"), `${state}\n`);
    expect(await workspace.run("copy")).not.toContain("not cached");
  }
  expect(await archives(workspace)).toHaveLength(entriesMax);
  expect(countEntries(workspace)).toBe(entriesMax);
  expect(await workspace.run("copy")).toContain(hit);
});

test("a hundred forced runs of one state leave one archive", async () => {
  await using workspace = await openSteered();
  for (let count = 1; count <= 100; count += 1) {
    const { exitCode, text } = await runVt(workspace, ["run", "--force", "stamp"]);
    expect({ exitCode, text }).toEqual({ exitCode: 0, text });
  }
  expect(await archives(workspace)).toHaveLength(1);
  expect(countEntries(workspace)).toBe(1);
});

test("two hundred thousand paths that a run looked for all count", async () => {
  await using workspace = await openSteered();
  expect(await workspace.run("seek")).not.toContain("not cached");
  expect(await workspace.run("seek")).toContain(hit);
  await writeFile(join(workspace.root, "sought-199999"), "");
  expect(await workspace.run("seek")).toContain("'sought-199999'");
});

test("however many runs there are, the cache stays below the size that it may have", async () => {
  await using workspace = await openSteered();
  const sizes: number[] = [];
  for (let state = 1; state <= 20; state += 1) {
    await writeFile(join(workspace.root, "source"), noise(100_000));
    await workspace.run("copy");
    const { exitCode } = await runVt(workspace, ["cache", "prune", "--max-size", "500k"]);
    expect(exitCode).toBe(0);
    sizes.push(await archiveBytes(workspace));
  }
  expect(Math.max(...sizes)).toBeLessThanOrEqual(500_000);
  expect(await workspace.run("copy")).toContain(hit);
});

function directory({ root }: Steered): string {
  return join(root, "node_modules/.vt/v4");
}

async function archives(workspace: Steered): Promise<string[]> {
  return (await readdir(directory(workspace))).filter((name) => name.endsWith(".zst"));
}

async function archiveBytes(workspace: Steered): Promise<number> {
  const names = await archives(workspace);
  const sizes = await Promise.all(names.map((name) => stat(join(directory(workspace), name))));
  return sizes.reduce((sum, { size }) => sum + size, 0);
}

function countEntries(workspace: Steered): number {
  using database = new Database(join(directory(workspace), "cache.db"), { readonly: true });
  const counted = database.query<{ count: number }, []>("SELECT count(*) AS count FROM entry");
  return counted.get()?.count ?? 0;
}

/** Bytes that no compression makes fewer. */
function noise(count: number): Uint8Array {
  const bytes = new Uint8Array(count);
  for (let at = 0; at < count; at += 65_536)
    crypto.getRandomValues(bytes.subarray(at, at + 65_536));
  return bytes;
}
