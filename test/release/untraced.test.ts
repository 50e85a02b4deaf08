// Where nothing can be traced: on Linux by order, and with an executable that has no native code in it, as
// those for macOS and Windows have none.
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { compile } from "../../scripts/compile.ts";
import { emptyNative } from "../../scripts/native.ts";
import { hostTarget } from "../../scripts/targets.ts";
import { type TemporaryDirectory, temporaryDirectory } from "../harness/temporary-directory.ts";
import { patience, runVt, runVtApart, type VtOptions, vtPath } from "../harness/vt.ts";
import { copyWorkspace } from "../harness/workspace.ts";

setDefaultTimeout(patience);

const open = () => copyWorkspace(join(import.meta.dir, "workspace"));

let directory: TemporaryDirectory;
const withoutNative = (): string => join(directory.path, "vt");

beforeAll(async () => {
  directory = await temporaryDirectory();
  await compile(hostTarget(), { outfile: withoutNative(), native: await emptyNative() });
});
afterAll(() => directory[Symbol.asyncDispose]());

type Row = {
  readonly what: string;
  readonly reason: string;
  readonly options: () => VtOptions;
};

const rows: readonly Row[] = [
  {
    what: "when VT_TRACE is off",
    reason: "VT_TRACE is off",
    options: () => ({ program: vtPath, environment: { VT_TRACE: "off" } }),
  },
  {
    what: "without native code",
    reason: "vt has no tracer for this system yet",
    options: () => ({ program: withoutNative() }),
  },
];

test.each(rows)("$what the reason why tasks are not stored is told once", async (row) => {
  await using workspace = await open();
  const run = () => runVt(workspace, ["run", "--cache", "both"], row.options());
  const { exitCode, text } = await run();
  expect({ exitCode, text }).toEqual({ exitCode: 0, text });
  expect(text).toContain(`2 tasks not cached because files cannot be tracked here: ${row.reason}.`);
  expect(text.split(row.reason)).toHaveLength(2);
  const again = (await run()).text;
  expect(again).toContain("last run not stored: files could not be tracked, executing");
  expect(again.split(row.reason)).toHaveLength(2);
});

test.each(rows)("$what a task that names its files is cached", async ({ options }) => {
  await using workspace = await open();
  const run = () => runVt(workspace, ["run", "explicit"], options());
  expect((await run()).text).not.toContain("not cached");
  await rm(join(workspace.root, "explicit.txt"));
  expect((await run()).text).toContain("◉ cache hit, replaying\nsource\n");
  expect(await readFile(join(workspace.root, "explicit.txt"), "utf8")).toBe("source\n");
  await Bun.write(join(workspace.root, "source"), "edited\n");
  expect((await run()).text).toContain("'source' modified");
});

test.each(rows)("$what both streams arrive and are replayed", async ({ options }) => {
  await using workspace = await open();
  const first = await runVtApart(workspace, ["run", "streams"], options());
  const second = await runVtApart(workspace, ["run", "streams"], options());
  expect(second.stdout).toContain("◉ cache hit, replaying");
  for (const { stdout, stderr } of [first, second]) {
    expect(stdout).toMatch(/^out$/m);
    expect(stderr).toMatch(/^err$/m);
  }
});

test.each(rows)("$what a task that fails, fails", async ({ options }) => {
  await using workspace = await open();
  expect((await runVt(workspace, ["run", "--cache", "fails"], options())).exitCode).toBe(3);
});
