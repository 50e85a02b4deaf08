import { expect, setDefaultTimeout, test } from "bun:test";
import { patience, startVt } from "../../harness/vt.ts";
import type { Workspace } from "../../harness/workspace.ts";
import { openStage } from "./stage.ts";

setDefaultTimeout(patience);

/** Runs vt in a pipeline of the shell, and returns what came out at its end. */
async function pipe(workspace: Workspace, pipeline: string, ...args: readonly string[]) {
  const script = `{ "$@"; echo "exit $?" >&2; } | ${pipeline}`;
  const child = startVt(workspace, args, { under: ["sh", "-c", script, "sh"] }, [
    "ignore",
    "pipe",
    "pipe",
  ]);
  const [stdout, stderr] = await Promise.all([
    new Response(child.stdout as ReadableStream).bytes(),
    new Response(child.stderr as ReadableStream).text(),
  ]);
  await child.exited;
  return { stdout: Buffer.from(stdout), stderr };
}

test("a task that has the terminal sees a terminal, its size and its colours", async () => {
  await using stage = await openStage();
  await using vt = stage.open(["run", "look"], { columns: 67, rows: 21 });
  expect(await vt.ended()).toBe(0);
  expect(vt.screen()).toEqual([
    "$ sh look.sh ⊘ cache disabled",
    "0 is a terminal",
    "1 is a terminal",
    "2 is a terminal",
    "21 67",
    "red",
  ]);
  expect(vt.written()).toContain("\x1b[31mred\x1b[0m");
});

test("a cached task sees none, and its colours are kept, also when they are replayed", async () => {
  await using stage = await openStage();
  for (const line of ["$ sh look.sh", "$ sh look.sh ◉ cache hit, replaying"]) {
    await using vt = stage.open(["run", "look-cached"]);
    expect(await vt.ended()).toBe(0);
    expect(vt.screen().slice(0, 3)).toEqual([
      line,
      "stty: 'standard input': Inappropriate ioctl for device",
      "red",
    ]);
    expect(vt.written()).toContain("\x1b[31mred\x1b[0m");
  }
});

test("who reads one line ends nothing and hears no complaint", async () => {
  await using stage = await openStage();
  for (const status of ["", " ◉ cache hit, replaying"]) {
    const { stdout, stderr } = await pipe(stage, "head -1", "run", "much");
    expect(stdout.toString()).toBe(`$ sh much.sh${status}\n`);
    expect(stderr).toBe("exit 0\n");
  }
});

test("a hundred megabytes arrive, and are replayed", async () => {
  await using stage = await openStage();
  const expected = Bun.spawnSync(["sh", "-c", "sh much.sh | cksum"], { cwd: stage.root });
  for (const run of ["first", "replayed"]) {
    const { stdout } = await pipe(stage, "sed 1d | head -c 100000000 | cksum", "run", "much");
    expect([run, stdout.toString()]).toEqual([run, expected.stdout.toString()]);
  }
});

test("bytes that are no text arrive as they are, and are replayed so", async () => {
  await using stage = await openStage();
  for (const colours of ["", "1"]) {
    const environment = { FORCE_COLOR: colours };
    await using vt = stage.open(["run", "bytes"], { environment });
    expect(await vt.ended()).toBe(0);
    expect(vt.written()).toContain("a\xff\xfeb\0c\x1b[1md\r\n");
    const { stdout } = await pipe(stage, "cat", "run", "bytes");
    expect(stdout.toString("latin1")).toContain("a\xff\xfeb\0cd\n");
  }
});
