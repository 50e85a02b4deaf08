// `vt cache info`, `prune` and `verify` on a real cache.
import { Database } from "bun:sqlite";
import { expect, setDefaultTimeout, test } from "bun:test";
import { mkdir, readdir, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { patience, runVt } from "../harness/vt.ts";
import { listRuns, openRemembered, recordOf, untilRemembered } from "./remembered.ts";
import { hit, openSteered, type Steered } from "./steered.ts";

setDefaultTimeout(patience);

const dayMs = 86_400_000;

async function cache(
  workspace: Steered,
  ...args: readonly string[]
): Promise<{ readonly exitCode: number; readonly text: string }> {
  return await runVt(workspace, ["cache", ...args], {});
}

function place(workspace: Steered): string {
  return join(workspace.root, "node_modules/.vt/v4");
}

function change(workspace: Steered, statement: string, ...values: number[]): void {
  using database = new Database(join(place(workspace), "cache.db"));
  database.run(statement, values);
}

test("info tells how much there is, how old it is, and what a collection would remove", async () => {
  await using workspace = await openSteered();
  await workspace.run("copy");
  const { exitCode, text } = await cache(workspace, "info");
  expect(exitCode).toBe(0);
  expect(text).toContain(`Cache:    ${place(workspace)}\n`);
  expect(text).toContain("Results:  1, of 1 step\n");
  expect(text).toMatch(/^Size: +\d+(\.\d)? (B|KiB) of 10\.0 GiB$/m);
  expect(text).toContain("Used:     just now, the least recent just now\n");
  expect(text).toContain("Surplus:  0 results, 0 B\n");
  change(workspace, "UPDATE entry SET used_ms = ?", Date.now() - 31 * dayMs);
  const old = await cache(workspace, "info");
  expect(old.text).toContain("31 days ago");
  expect(old.text).toContain("Surplus:  1 result, ");
});

test("prune removes what was not used for so long, and what is known of it", async () => {
  await using workspace = await openSteered();
  await workspace.run("copy");
  change(workspace, "UPDATE entry SET used_ms = ?", Date.now() - 3 * dayMs);
  change(workspace, "UPDATE record SET used_ms = ?", Date.now() - 3 * dayMs);
  expect((await cache(workspace, "prune", "--max-age", "4d")).text).toContain("Removed 0 results");
  expect((await cache(workspace, "prune", "--max-age", "2d")).text).toContain("Removed 1 result,");
  expect((await readdir(place(workspace))).filter((file) => file.endsWith(".zst"))).toEqual([]);
  {
    using database = new Database(join(place(workspace), "cache.db"));
    expect(database.query("SELECT count(*) AS count FROM record").get()).toEqual({ count: 0 });
  }
  expect(await workspace.run("copy")).not.toContain(hit);
  expect(await workspace.run("copy")).toContain(hit);
});

test("prune removes the least recently used until the rest is small enough", async () => {
  await using workspace = await openSteered();
  await workspace.run("copy");
  expect((await cache(workspace, "prune", "--max-size", "0")).text).toContain("Removed 1 result,");
  expect(await workspace.run("copy")).not.toContain(hit);
});

test("remembered runs count in the size, and go before any result", async () => {
  await using workspace = await openRemembered();
  await untilRemembered(workspace, () => runVt(workspace, ["run", "-r", "build"]));
  const size = (await stat(await recordOf(workspace))).size;
  const cacheOf = async (...args: readonly string[]): Promise<string> =>
    (await runVt(workspace, ["cache", ...args])).text;
  const bytesOf = (text: string): number => {
    const [, number = "", unit = ""] = /^Size: +([\d.]+) (B|KiB)/m.exec(text) ?? [];
    return Number(number) * (unit === "KiB" ? 1024 : 1);
  };
  const info = await cacheOf("info");
  expect(info).toContain("Runs:     1, remembered as a whole\n");
  const all = bytesOf(info);
  // Room for all but the run, which a tenth of a KiB that is not told cannot make up for.
  expect(size).toBeGreaterThan(200);
  const limit = String(Math.ceil(all - 100));
  expect(await cacheOf("prune", "--max-size", limit)).toMatch(
    /^Removed 0 results, 1 remembered run, /,
  );
  const pruned = await cacheOf("info");
  expect(pruned).not.toContain("Runs:");
  expect(Math.abs(all - size - bytesOf(pruned))).toBeLessThan(200);
  expect(await listRuns(workspace)).toBe("");
  await untilRemembered(workspace, () => runVt(workspace, ["run", "-r", "build"]));
  expect(await cacheOf("prune", "--max-age", "1h")).toMatch(/^Removed 0 results, 0 B\.$/m);
  const old = (Date.now() - dayMs) / 1000;
  await utimes(await recordOf(workspace), old, old);
  expect(await cacheOf("prune", "--max-age", "1h")).toMatch(
    /^Removed 0 results, 1 remembered run, /,
  );
});

test.each([
  ["an archive with another content", spoilArchive, "its archive has another content"],
  [
    "an entry that was changed",
    (workspace: Steered) => change(workspace, "UPDATE entry SET content = zeroblob(100)"),
    "record damaged",
  ],
  [
    "a text that was cut",
    (workspace: Steered) => change(workspace, "UPDATE entry SET text = substr(text, 1, 12)"),
    "record damaged",
  ],
  [
    "a record that was changed",
    (workspace: Steered) => change(workspace, "UPDATE record SET value = 'text'"),
    "Record of a step: damaged",
  ],
] as const)("verify finds %s, and repair drops it", async (_, harm, words) => {
  await using workspace = await openSteered();
  await workspace.run("copy");
  expect((await cache(workspace, "verify")).exitCode).toBe(0);
  await harm(workspace);
  const found = await cache(workspace, "verify");
  expect(found).toEqual({ exitCode: 1, text: expect.stringContaining(words) });
  expect(found.text).toMatch(
    /^1 result verified, \d+ damages? found: `vt cache verify --repair` drops what is damaged\.$/m,
  );
  if (!words.startsWith("Record"))
    expect(found.text).toMatch(/^Result \d+ \(steered#copy: \S.*\): /m);
  // To look is not to change.
  expect((await cache(workspace, "verify")).text).toBe(found.text);
  expect((await cache(workspace, "verify", "--repair")).exitCode).toBe(0);
  expect((await cache(workspace, "verify")).exitCode).toBe(0);
  await workspace.run("copy");
  expect(await workspace.run("copy")).toContain(hit);
});

async function spoilArchive(workspace: Steered): Promise<void> {
  const [name = ""] = (await readdir(place(workspace))).filter((entry) => entry.endsWith(".zst"));
  const archive = join(place(workspace), name);
  const bytes = Buffer.from(await Bun.file(archive).bytes());
  bytes.writeUInt8(bytes.readUInt8(bytes.length >> 1) ^ 1, bytes.length >> 1);
  await writeFile(archive, bytes);
}

test("clean removes what other versions of vt have left, and counts that by its files", async () => {
  await using workspace = await openSteered();
  const home = join(place(workspace), "..");
  const older = join(home, "v1");
  const clean = async (): Promise<string> => (await cache(workspace, "clean")).text;
  const leave = async (): Promise<void> => {
    await mkdir(join(older, "runs"), { recursive: true });
    await writeFile(join(older, "cache.db"), Buffer.alloc(1024));
    await writeFile(join(older, "runs/a"), Buffer.alloc(1024));
  };
  await leave();
  expect(await clean()).toBe(`Removed 2.0 KiB of other versions of vt from ${home}.\n`);
  await leave();
  await workspace.run("copy");
  expect(await clean()).toMatch(
    /^Removed 1 result, .+, and 2\.0 KiB of other versions of vt from /,
  );
  await workspace.run("copy");
  await writeFile(join(place(workspace), "cache.db"), "no database");
  expect(await clean()).toMatch(/^Removed \d+(\.\d)? (B|KiB) from .+\.vt\.\n$/);
});

test("clean tells what it has removed, as info counts it, and whose it may have been", async () => {
  await using workspace = await openSteered();
  await workspace.run("copy");
  const info = (await cache(workspace, "info")).text;
  const size = /^Size: +(.+) of /m.exec(info)?.[1];
  const home = join(place(workspace), "..");
  expect((await cache(workspace, "clean")).text).toBe(`Removed 1 result, ${size} from ${home}.\n`);
  expect((await cache(workspace, "clean")).text).toMatch(/^There is no cache at .+\.vt\.\n$/);
  const environment = { VT_CACHE_DIR: "shared" };
  await runVt(workspace, ["run", "copy"], { environment });
  const shared = await runVt(workspace, ["cache", "clean"], { environment });
  expect(shared.text).toContain("Other workspaces with this VT_CACHE_DIR lost theirs, too.\n");
});
