// A run in which everything was in place is remembered, and the next one like it not worked out. Each test
// brings vt there, changes one thing that such a run rests on, and expects it to be seen.
import { expect, setDefaultTimeout, test } from "bun:test";
import {
  copyFile,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from "node:fs/promises";
import { join } from "node:path";
import { asDigest } from "../../src/base/digest.ts";
import { decodeRemembered, encodeRemembered } from "../../src/cache/remembered.ts";
import { patience, runVt, runVtApart, type VtResult, vtPath } from "../harness/vt.ts";
import {
  listRuns,
  openRemembered,
  recordOf,
  runs,
  untilRemembered,
  untilReplaced,
} from "./remembered.ts";
import { type Change, changes, hit, openSettled, runSettled } from "./settled.ts";

setDefaultTimeout(patience);

test.each(changes)("$what is seen after runs in which everything was in place", async (one) => {
  await using workspace = await openSettled();
  const run = (): Promise<VtResult> => runSettled(workspace, one.task ?? "make");
  await untilRemembered(workspace, run);
  await one.change((path) => join(workspace.root, path));
  const { exitCode, text } = await run();
  expect({ exitCode, text }).toEqual({ exitCode: 0, text });
  expect(text).toContain(one.shows);
});

const other = '{ "name": "b", "scripts": { "build": "echo other >made" } }';

/** Of what decides which tasks there are, and what they run. */
const plans: readonly Change[] = [
  {
    what: "a script of other text, equal size and with its time put back",
    change: async (at) => {
      const path = at("packages/b/package.json");
      const { atime, mtime } = await stat(path);
      await writeFile(path, (await readFile(path, "utf8")).replace("echo built", "echo other"));
      await utimes(path, atime, mtime);
    },
    shows: "echo other",
  },
  {
    what: "a package that is new",
    change: async (at) => {
      await mkdir(at("packages/c"));
      await writeFile(at("packages/c/package.json"), other.replace('"b"', '"c"'));
    },
    shows: "~/packages/c$",
  },
  {
    what: "a folder that becomes a package",
    change: (at) => writeFile(at("packages/none/package.json"), other.replace('"b"', '"c"')),
    shows: "~/packages/none$",
  },
  {
    what: "a package that is gone",
    change: (at) => rm(at("packages/b"), { recursive: true }),
    shows: "1/1 cache hit",
  },
  {
    what: "another folder in the place of a package",
    change: async (at) => {
      await mkdir(at("elsewhere"));
      await writeFile(at("elsewhere/package.json"), other);
      await rename(at("packages/b"), at("old"));
      await rename(at("elsewhere"), at("packages/b"));
    },
    shows: "echo other",
  },
  {
    what: "a link in the place of a package",
    change: async (at) => {
      await rename(at("packages/b"), at("old"));
      await symlink("../old", at("packages/b"));
    },
    shows: "1/1 cache hit",
  },
  {
    what: "a link in the place of a package.json",
    change: async (at) => {
      await writeFile(at("other.json"), other);
      await rm(at("packages/b/package.json"));
      await symlink("../../other.json", at("packages/b/package.json"));
    },
    shows: "echo other",
  },
  {
    what: "a vite-task.json that is new",
    change: (at) =>
      writeFile(at("packages/b/vite-task.json"), '{ "tasks": { "build": { "command": "x" } } }'),
    shows: "conflicts with the script",
  },
  {
    what: "a vite-task.json that is mistaken",
    change: (at) => writeFile(at("packages/b/vite-task.json"), '{ "tasks": 1 }'),
    shows: "must be an object",
  },
  {
    what: "a setting of the root",
    change: (at) => writeFile(at("vite-task.json"), '{ "cache": false }'),
    shows: "cache disabled",
  },
  {
    what: "another list of packages",
    change: (at) => writeFile(at("package.json"), '{ "workspaces": ["packages/a"] }'),
    shows: "1/1 cache hit",
  },
  {
    what: "a pnpm-workspace.yaml that is new",
    change: (at) => writeFile(at("pnpm-workspace.yaml"), "packages: [packages/a]\n"),
    shows: "1/1 cache hit",
  },
  {
    what: "an output that was edited",
    change: (at) => writeFile(at("packages/b/made"), "edited"),
    shows: "'packages/b/made' modified",
  },
];

test.each(plans)("$what is seen after runs in which everything was in place", async (one) => {
  await using workspace = await openRemembered();
  const run = (): Promise<VtResult> => runVt(workspace, ["run", "-r", "build"]);
  const before = await untilRemembered(workspace, run);
  await one.change((path) => join(workspace.root, path));
  const { text } = await run();
  expect(text).not.toBe(before);
  expect(text).toContain(one.shows);
});

test("a workspace that begins around a package is seen after runs with everything in place", async () => {
  await using workspace = await openSettled();
  const run = (): Promise<VtResult> => runSettled(workspace, "make");
  await untilRemembered(workspace, run);
  await writeFile(join(workspace.root, "../package.json"), '{ "workspaces": ["workspace"] }');
  expect((await run()).text).not.toContain(hit);
});

test("what a package.json that is a link leads to is seen after runs with everything in place", async () => {
  await using workspace = await openRemembered();
  const at = (path: string): string => join(workspace.root, path);
  await rename(at("packages/b/package.json"), at("b.json"));
  await symlink("../../b.json", at("packages/b/package.json"));
  const run = (): Promise<VtResult> => runVt(workspace, ["run", "-r", "build"]);
  await untilRemembered(workspace, run);
  await writeFile(at("b.json"), other);
  expect((await run()).text).toContain("echo other");
});

test("that the directory of a task is gone is seen after runs with everything in place", async () => {
  await using workspace = await openRemembered();
  const run = (): Promise<VtResult> => runVt(workspace, ["run", "away"]);
  await untilRemembered(workspace, run);
  await rename(join(workspace.root, "away"), join(workspace.root, "gone"));
  expect((await run()).text).toContain("error:");
});

type Shown = { readonly how: string; readonly args: readonly string[]; readonly colours?: true };

const shown: readonly Shown[] = [
  { how: "as it comes", args: [] },
  { how: "in colours", args: [], colours: true },
  { how: "with labels", args: ["--log=labeled"] },
  { how: "in blocks", args: ["--log=grouped"] },
  { how: "quietly", args: ["--quiet"] },
];

test.each(shown)(
  "a remembered run prints byte for byte what the one before it did: $how",
  async (one) => {
    await using workspace = await openRemembered();
    const environment = one.colours === undefined ? {} : { FORCE_COLOR: "1" };
    const args = ["run", "-r", ...one.args, "both"];
    const run = (): Promise<VtResult> => runVt(workspace, args, { environment });
    await untilRemembered(workspace, run);
    const apart = await runVtApart(workspace, args, { environment });
    await rm(join(workspace.root, runs), { recursive: true });
    expect(await runVtApart(workspace, args, { environment })).toEqual(apart);
  },
);

test("the details of a remembered run can be asked for, and name every step of it", async () => {
  await using workspace = await openRemembered();
  const details = (): Promise<VtResult> => runVt(workspace, ["run", "--last-details"]);
  await untilRemembered(workspace, () => runVt(workspace, ["run", "-r", "build"]));
  const { text } = await details();
  await rm(join(workspace.root, runs), { recursive: true });
  await runVt(workspace, ["run", "-r", "build"]);
  const withoutTimes = (of: string): string => of.replaceAll(/\d+(\.\d+)?m?s\b/g, "<time>");
  expect(withoutTimes(text)).toBe(withoutTimes((await details()).text));
  expect(text).toContain("b#build");
});

test("the page of a graph says of a remembered run why its steps have no times", async () => {
  await using workspace = await openRemembered();
  const page = async (): Promise<string> =>
    (await runVt(workspace, ["graph", "--format", "html", "-r", "build"])).text;
  await runVt(workspace, ["run", "-r", "build"]);
  expect(await page()).not.toContain("none has a time of its own");
  await untilRemembered(workspace, () => runVt(workspace, ["run", "-r", "build"]));
  expect(await page()).toContain("none has a time of its own");
});

test("another variable, another directory and another user's place are other runs", async () => {
  await using workspace = await openRemembered();
  const { root } = workspace;
  await untilRemembered(workspace, () => runVt(workspace, ["run", "-r", "build"]));
  const inB = await runVt(workspace, ["run", "build"], { cwd: "packages/b" });
  expect(inB.text).toContain("1/1 cache hit");
  const environment = { NODE_OPTIONS: "--no-warnings" };
  const changed = await runVt(workspace, ["run", "-r", "build"], { environment });
  expect(changed.text).toContain("NODE_OPTIONS");
  const VT_CACHE_DIR = join(root, "../cache");
  const elsewhere = await runVt(workspace, ["run", "-r", "build"], {
    environment: { VT_CACHE_DIR },
  });
  expect(elsewhere.text).not.toContain(hit);
});

test("what another command stored is seen after runs with everything in place", async () => {
  await using workspace = await openRemembered();
  const run = (): Promise<VtResult> => runVt(workspace, ["run", "-r", "build"]);
  await untilRemembered(workspace, run);
  await runVt(workspace, ["run", "-r", "--force", "build"]);
  await untilReplaced(workspace, run, await listRuns(workspace));
});

test("a cache that was emptied has forgotten its runs", async () => {
  await using workspace = await openRemembered();
  const run = (): Promise<VtResult> => runVt(workspace, ["run", "-r", "build"]);
  await untilRemembered(workspace, run);
  await runVt(workspace, ["cache", "clean"]);
  expect((await run()).text).not.toContain(hit);
});

test("what runs that are remembered take up is told when the cache is emptied", async () => {
  await using workspace = await openRemembered();
  await untilRemembered(workspace, () => runVt(workspace, ["run", "-r", "build"]));
  await writeFile(await recordOf(workspace), Buffer.alloc(50_000_000));
  const { text } = await runVt(workspace, ["cache", "clean"]);
  expect(text).toContain("Removed 2 results, 1 remembered run, 47.7 MiB");
});

test("a run is not remembered when vt itself has changed", async () => {
  await using workspace = await openRemembered();
  const copy = join(workspace.home, "vt");
  await copyFile(vtPath, copy);
  const run = (): Promise<VtResult> =>
    runVt(workspace, ["run", "-r", "build"], {
      under: ["sh", "-c", 'shift; exec "$VT" "$@"', "sh"],
      environment: { VT: copy },
    });
  await untilRemembered(workspace, run);
  const before = await listRuns(workspace);
  await utimes(copy, 1, 1);
  await untilReplaced(workspace, run, before);
});

const damages: readonly { readonly what: string; readonly damage: (bytes: Buffer) => Buffer }[] = [
  { what: "was cut short", damage: (bytes) => bytes.subarray(0, bytes.length / 2) },
  { what: "is empty", damage: () => Buffer.alloc(0) },
  {
    what: "has a byte changed",
    damage: (bytes) => {
      bytes[bytes.length - 5] = (bytes[bytes.length - 5] ?? 0) ^ 1;
      return bytes;
    },
  },
];

test.each(damages)("a record of a run that $what is not used, and replaced", async ({ damage }) => {
  await using workspace = await openRemembered();
  const run = (): Promise<VtResult> => runVt(workspace, ["run", "-r", "build"]);
  const before = await untilRemembered(workspace, run);
  const path = await recordOf(workspace);
  const damaged = damage(await readFile(path));
  await writeFile(path, damaged);
  expect((await run()).text).toBe(before);
  expect(await untilRemembered(workspace, run)).toBe(before);
});

test("once the use of the entries is to be noted again, a run is worked out", async () => {
  await using workspace = await openRemembered();
  const run = (): Promise<VtResult> => runVt(workspace, ["run", "-r", "build"]);
  await untilRemembered(workspace, run);
  const path = await recordOf(workspace);
  const key = asDigest(path.slice(path.lastIndexOf("/") + 1));
  const remembered = decodeRemembered(key, await readFile(path));
  if (remembered === undefined) throw new Error("the record cannot be read");
  const [hour, now] = [3_600_000, Date.now()];
  expect(remembered.validUntilMs).toBeGreaterThan(now);
  expect(remembered.validUntilMs).toBeLessThanOrEqual(now + hour);
  await writeFile(path, encodeRemembered(key, { ...remembered, validUntilMs: now - 1 }));
  await untilReplaced(workspace, run, await listRuns(workspace));
});

test("a step in which another vt only remembers is not stored", async () => {
  await using workspace = await openRemembered();
  const { home, temporary } = workspace;
  const inner = [`PATH=${process.env["PATH"]}`, `HOME=${home}`, `TMPDIR=${temporary}`];
  const run = (): Promise<VtResult> =>
    runVt(workspace, ["run", "-r", "build"], { under: ["env", "-i", ...inner] });
  await untilRemembered(workspace, run);
  const environment = { VT: vtPath, INNER: inner.join(" ") };
  const outer = await runVt(workspace, ["run", "outer"], { environment });
  expect(outer.text).toContain(hit);
  expect(outer.text).toContain("not cached because the task started a `vt run`");
});

test("no more than a few runs are remembered", async () => {
  await using workspace = await openRemembered();
  for (let number = 1; number <= 12; number += 1)
    await untilRemembered(
      workspace,
      () => runVt(workspace, ["run", "-r", "build"], { environment: { NUMBER: String(number) } }),
      "kept",
    );
  expect((await readdir(join(workspace.root, runs))).length).toBe(8);
});
