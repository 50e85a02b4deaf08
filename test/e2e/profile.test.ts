import { expect, setDefaultTimeout, test } from "bun:test";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { patience, runVt } from "../harness/vt.ts";
import type { Workspace } from "../harness/workspace.ts";
import { openRemembered } from "./remembered.ts";

setDefaultTimeout(patience);

type TraceEvent = {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid?: number;
  readonly ts?: number;
  readonly dur?: number;
  readonly args?: { readonly task?: string; readonly command?: string; readonly name?: string };
};

test("a profile has every phase of a run, each of a step in the row of its task", async () => {
  await using workspace = await openRemembered();
  const first = await profile(workspace);
  expect(phases(first)).toEqual(["start", "workspace", "plan"]);
  for (const phase of ["look-up", "hash", "spawn", "archive", "store"])
    expect(phases(first, "a#build")).toContain(phase);
  const second = await profile(workspace);
  expect(phases(second, "b#build")).toEqual(["look-up", "restore", "replay"]);
  await rm(join(workspace.root, "packages/b/made"));
  const third = await profile(workspace);
  expect(phases(third, "b#build")).toEqual(["look-up", "restore", "replay"]);
});

test("what overlaps in a profile is one in the other or in different rows", async () => {
  await using workspace = await openRemembered();
  const spans = (await profile(workspace)).filter(({ ph }) => ph === "X");
  for (const one of spans)
    for (const other of spans) {
      const [a, b] = [interval(one), interval(other)];
      if (one === other || one.tid !== other.tid) continue;
      const areApart = a.to <= b.from || b.to <= a.from;
      const isInside = (a.from <= b.from && b.to <= a.to) || (b.from <= a.from && a.to <= b.to);
      expect({ one, other, isFine: areApart || isInside }).toMatchObject({ isFine: true });
    }
});

test.each([
  ["in a directory that is not there", "none/p", "ENOENT"],
  ["that is a directory", "packages", "EISDIR"],
  ["below a file", "package.json/p", "ENOTDIR"],
  ["on a file system that takes none", "/proc/p", "E[A-Z]+"],
])("a profile %s is refused before anything runs", async (_, path, errno) => {
  await using workspace = await openRemembered();
  const { exitCode, text } = await runVt(workspace, ["run", `--profile=${path}`, "-r", "build"]);
  expect(exitCode).toBe(2);
  expect(text).toMatch(
    new RegExp(`^error: the profile cannot be written to \\S+ \\((${errno})\\)\nhint: name a file`),
  );
  expect(text).not.toContain("$ ");
});

test("a profile that can no longer be written when all is done is a warning", async () => {
  await using workspace = await openRemembered();
  const manifest = join(workspace.root, "packages/a/package.json");
  await writeFile(manifest, '{ "name": "a", "scripts": { "build": "rm -r ../../place" } }');
  await mkdir(join(workspace.root, "place"));
  const { exitCode, text } = await runVt(workspace, ["run", "--profile=place/p", "a#build"]);
  expect({ exitCode, text }).toEqual({ exitCode: 0, text });
  expect(text).toContain("warning: the profile could not be written (ENOENT)");
});

/** Runs all packages. Returns the events of the file, which are checked to be what a viewer takes. */
async function profile(workspace: Workspace): Promise<readonly TraceEvent[]> {
  const path = join(workspace.temporary, "profile.json");
  await runVt(workspace, ["run", `--profile=${path}`, "-r", "build"]);
  const { traceEvents } = JSON.parse(await readFile(path, "utf8")) as {
    readonly traceEvents: readonly TraceEvent[];
  };
  for (const { name, ph, pid, tid, ts, dur } of traceEvents) {
    expect([typeof name, typeof pid]).toEqual(["string", "number"]);
    if (ph !== "X") continue;
    expect([typeof tid, typeof ts]).toEqual(["number", "number"]);
    expect(dur).toBeGreaterThanOrEqual(0);
  }
  return traceEvents;
}

/** The phases of a task, or of the run as a whole, each once, in the order in which they ended. */
function phases(events: readonly TraceEvent[], task?: string): readonly string[] {
  const own = events.filter(({ ph, args }) => ph === "X" && args?.task === task);
  return [...new Set(own.map(({ name }) => name))];
}

function interval({ ts = 0, dur = 0 }: TraceEvent): { readonly from: number; readonly to: number } {
  return { from: ts, to: ts + dur };
}
