import { expect, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { patience, runVt } from "../harness/vt.ts";
import { copyWorkspace } from "../harness/workspace.ts";

/** A line of strace about a call that would change a file or its name. */
const changing =
  /^\d+ +(?:mkdir|mknod|rename|unlink|rmdir|symlink|link|chmod|chown|truncate|utim)|O_WRONLY|O_RDWR|O_CREAT/;

const fixture = join(import.meta.dir, "fixtures/cache");

test.skipIf(Bun.which("strace") === null)(
  "a hit on an untouched tree starts no process and writes only to the cache (needs strace)",
  async () => {
    await using workspace = await copyWorkspace(fixture);
    const args = ["run", "a#build"];
    await runVt(workspace, args);
    const log = join(workspace.temporary, "calls");
    const strace = ["strace", "-f", "-qq", "-e", "trace=process,%file", "-o", log];
    const { text } = await runVt(workspace, args, { under: strace });
    expect(text).toContain("◉ cache hit, replaying");
    const calls = (await readFile(log, "utf8")).split("\n");
    expect(calls.filter((line) => line.includes("execve(")).length).toBe(1);
    const cache = join(workspace.root, "node_modules/.vt");
    const writes = calls.filter(
      (line) => changing.test(line) && line.includes(workspace.root) && !line.includes(cache),
    );
    expect(writes).toEqual([]);
  },
  patience,
);
