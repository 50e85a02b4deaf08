// A look-up that ended in a hit with nothing to do is kept and not made again. Each test brings vt there,
// changes one thing that such a look-up rests on, and expects it to be seen.
import { Database } from "bun:sqlite";
import { expect, setDefaultTimeout, test } from "bun:test";
import { chmod, mkdir, rename, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { patience, runVt } from "../harness/vt.ts";
import { copyWorkspace, type Workspace } from "../harness/workspace.ts";

setDefaultTimeout(patience);

const hit = "◉ cache hit, replaying";

type Change = {
  readonly what: string;
  readonly change: (at: (path: string) => string) => Promise<void>;
  /** What of the workspace shows afterwards that the change was seen. */
  readonly shows: string;
  readonly task?: string;
};

const changes: readonly Change[] = [
  {
    what: "an input of other content and equal size",
    change: (at) => writeFile(at("source"), "ecruos\n"),
    shows: "ecruos\npart\n",
  },
  {
    what: "an input whose content changed and whose time was put back",
    change: async (at) => {
      const { atime, mtime } = await Bun.file(at("source")).stat();
      await writeFile(at("source"), "ecruos\n");
      await utimes(at("source"), atime, mtime);
    },
    shows: "ecruos\npart\n",
  },
  {
    what: "an input that is gone",
    change: (at) => rm(at("parts/a")),
    shows: "'a' removed from 'parts'",
  },
  {
    what: "a new file in a folder that was listed",
    change: (at) => writeFile(at("parts/b"), "more\n"),
    shows: "source\npart\nmore\n",
  },
  {
    what: "a file where there was none",
    change: (at) => writeFile(at("optional"), ""),
    shows: "optional\nsource\n",
  },
  {
    what: "a folder where there was none",
    change: (at) => mkdir(at("folder")).then(() => undefined),
    shows: "folder\nsource\n",
  },
  {
    what: "a program that was replaced",
    change: (at) => writeFile(at("../home/bin/tool"), "#!/bin/sh\necho new\n", { mode: 0o755 }),
    shows: "'tool' changed",
  },
  {
    what: "an earlier program of the same name in PATH",
    change: async (at) => {
      await mkdir(at("node_modules/.bin"), { recursive: true });
      await writeFile(at("node_modules/.bin/tool"), "#!/bin/sh\necho new\n", { mode: 0o755 });
    },
    shows: "miss",
  },
  {
    what: "an output that was edited",
    change: (at) => writeFile(at("made/deep/all"), "edited"),
    shows: "'made/deep/all' had been edited; restored",
  },
  {
    what: "an output of other permissions",
    change: (at) => chmod(at("made/deep/all"), 0o600),
    shows: "'made/deep/all' had been edited; restored",
  },
  {
    what: "a link in the place of a folder of outputs",
    change: async (at) => {
      await rename(at("made"), at("elsewhere"));
      await symlink("elsewhere", at("made"));
    },
    shows: "miss",
  },
  {
    what: "a declared input that was added",
    task: "declared",
    change: (at) => writeFile(at("declared/two"), ""),
    shows: "'two' added in 'declared'",
  },
  {
    what: "an input of the second of two steps",
    task: "both",
    change: (at) => writeFile(at("other"), "rehto\n"),
    shows: "rehto\n",
  },
];

test.each(changes)("$what is seen after hits that had nothing to do", async (one) => {
  await using workspace = await openSettled();
  const { task = "make" } = one;
  await settle(workspace, task);
  await one.change((path) => join(workspace.root, path));
  const { exitCode, text } = await run(workspace, task);
  expect({ exitCode, text }).toEqual({ exitCode: 0, text });
  expect(text).toContain(one.shows);
});

test("outputs that are gone are back after hits that had nothing to do", async () => {
  await using workspace = await openSettled();
  await settle(workspace, "make");
  await rm(join(workspace.root, "made"), { recursive: true });
  expect((await run(workspace, "make")).text).toContain(hit);
  expect(await Bun.file(join(workspace.root, "made/deep/all")).text()).toBe("source\npart\n");
});

test("a touched input of equal content is a hit, and settles again", async () => {
  await using workspace = await openSettled();
  await settle(workspace, "make");
  await utimes(join(workspace.root, "source"), 1, 1);
  expect((await run(workspace, "make")).text).toContain(hit);
  await settle(workspace, "make");
});

test("a forced run is run, and what it stored is what is found next", async () => {
  await using workspace = await openSettled();
  await settle(workspace, "make");
  const { text } = await run(workspace, "--force", "make");
  expect(text).not.toContain(hit);
  expect(countSettled(workspace)).toBe(0);
  await settle(workspace, "make");
});

test("a cache in another checkout finds nothing settled there, and hits", async () => {
  await using workspace = await openSettled();
  await settle(workspace, "make");
  const other = await workspace.checkOutAgain("other");
  expect((await run(other, "make")).text).toContain(hit);
  expect(await Bun.file(join(other.root, "made/deep/all")).text()).toBe("source\npart\n");
});

test("a hit on an untouched tree changes no byte of the database", async () => {
  await using workspace = await openSettled();
  await settle(workspace, "make");
  const cache = join(workspace.root, "node_modules/.vt/v3");
  const digest = async (): Promise<string> =>
    Bun.SHA256.hash(await Bun.file(join(cache, "cache.db")).bytes(), "hex");
  const before = await digest();
  expect((await run(workspace, "make")).text).toContain(hit);
  expect(await digest()).toBe(before);
});

async function openSettled(): Promise<Workspace> {
  const workspace = await copyWorkspace(join(import.meta.dir, "settled"));
  await mkdir(join(workspace.home, "bin"));
  await writeFile(join(workspace.home, "bin/tool"), "#!/bin/sh\necho old\n", { mode: 0o755 });
  return workspace;
}

function run(workspace: Workspace, ...args: string[]): ReturnType<typeof runVt> {
  const PATH = `${join(workspace.home, "bin")}:${process.env["PATH"]}`;
  return runVt(workspace, ["run", ...args], { environment: { PATH } });
}

const attemptsMax = 20;

/** Runs the task until there is nothing to do any more. Right after a run, stamps prove nothing yet. */
async function settle(workspace: Workspace, task: string): Promise<void> {
  await run(workspace, task);
  for (let attempt = 1; countSettled(workspace) === 0; attempt += 1) {
    if (attempt > attemptsMax) throw new Error("no look-up was kept");
    expect((await run(workspace, task)).text).toContain(hit);
  }
  expect((await run(workspace, task)).text).toContain(hit);
}

function countSettled(workspace: Workspace): number {
  using database = new Database(join(workspace.root, "node_modules/.vt/v3/cache.db"));
  const row = database.query("SELECT count(*) AS count FROM record WHERE kind = 'settled'").get();
  return Number((row as { count: number }).count);
}
