// Programs outside the workspace that are found through a link, as version managers and Debian's
// alternatives have them.
import { expect, setDefaultTimeout, test } from "bun:test";
import { chmod, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { patience, runVt } from "../harness/vt.ts";
import { hit, openSteered, type Steered } from "./steered.ts";

setDefaultTimeout(patience);

test("a task whose program is a link runs again when the link leads to another version", async () => {
  await using workspace = await openWithVersions();
  expect(await workspace.run("tool")).toContain("\nversion-1\n");
  expect(await workspace.run("tool")).toContain(hit);
  await switchTo(workspace, "tool-2");
  expect(await workspace.run("tool")).toContain("\nversion-2\n");
});

test.each([
  { how: "by its name", task: "tool-by-name" },
  { how: "by its path", task: "tool-by-path" },
])(
  "a program that a task starts $how through a link counts by what the link leads to",
  async ({ task }) => {
    await using workspace = await openWithVersions();
    await workspace.run(task);
    expect(await workspace.run(task)).toContain(hit);
    await switchTo(workspace, "tool-2");
    expect(await workspace.run(task)).not.toContain(hit);
    expect(await workspace.read("made")).toBe("version-2\n");
    await switchTo(workspace, "tool-1");
    expect(await workspace.run(task)).toContain(hit);
    expect(await workspace.read("made")).toBe("version-1\n");
  },
);

test.each([
  { how: "that a task is", task: "tool" },
  { how: "that a task starts by its name", task: "tool-by-name" },
])(
  "a command $how of a package that was installed anew counts by that package",
  async ({ task }) => {
    await using workspace = await openSteered();
    await installPackage(workspace, "1.0.0");
    const show = async (): Promise<string> =>
      task === "tool" ? await workspace.run(task) : await runAndRead(workspace, task);
    expect(await show()).toContain("version 1.0.0\n");
    expect(await workspace.run(task)).toContain(hit);
    await installPackage(workspace, "2.0.0");
    expect(await show()).toContain("version 2.0.0\n");
    await installPackage(workspace, "1.0.0");
    expect(await workspace.run(task)).toContain(hit);
  },
);

test.each([
  { how: "that a task is", task: "tool", isFirstThere: true },
  { how: "that a task is", task: "tool", isFirstThere: false },
  { how: "that a task starts by its name", task: "tool-by-name", isFirstThere: true },
  { how: "that a task starts by its name", task: "tool-by-name", isFirstThere: false },
])(
  "a program $how counts as another when one appears in an earlier place of PATH (there before: $isFirstThere)",
  async ({ task, isFirstThere }) => {
    await using workspace = await openSteered();
    const [first, second] = ["first", "second"].map((name) => join(workspace.home, name));
    if (first === undefined || second === undefined) throw new Error("no places");
    if (isFirstThere) await mkdir(first);
    await mkdir(second);
    await writeFile(join(second, "tool"), "#!/bin/sh\necho second\n", { mode: 0o755 });
    const run = async (): Promise<{ readonly isHit: boolean; readonly said: string }> => {
      const PATH = [first, second, process.env["PATH"]].join(":");
      const { text } = await runVt(workspace, ["run", task], { environment: { PATH } });
      const said = task === "tool" ? text : ((await workspace.read("made")) ?? "");
      return { isHit: text.includes(hit), said: /^(first|second)$/m.exec(said)?.[0] ?? text };
    };
    expect(await run()).toEqual({ isHit: false, said: "second" });
    expect(await run()).toEqual({ isHit: true, said: "second" });
    await mkdir(first, { recursive: true });
    await writeFile(join(first, "tool"), "#!/bin/sh\necho first\n", { mode: 0o644 });
    expect(await run()).toEqual({ isHit: true, said: "second" });
    await chmod(join(first, "tool"), 0o755);
    expect(await run()).toEqual({ isHit: false, said: "first" });
    expect(await run()).toEqual({ isHit: true, said: "first" });
    await rm(join(first, "tool"));
    expect(await run()).toEqual({ isHit: true, said: "second" });
  },
);

test("a task that Bun runs is stored though Bun keeps what it made of the program in the home directory", async () => {
  await using workspace = await openSteered();
  const { tools } = workspace;
  // Not in the temporary directory, where a step may write what it likes.
  const build = join(import.meta.dir, "../../build");
  await mkdir(build, { recursive: true });
  const home = await mkdtemp(join(build, "home-"));
  try {
    const PATH = `${tools}:${process.env["PATH"]}`;
    const run = async (): Promise<string> =>
      (await runVt(workspace, ["run", "tool"], { environment: { PATH, HOME: home } })).text;
    await symlink(process.execPath, join(tools, "bun"));
    // Of a short one it keeps nothing.
    const program = `#!/usr/bin/env bun\n// ${"long ".repeat(10_000)}\nconsole.log("by Bun");\n`;
    await writeFile(join(tools, "tool.mjs"), program, { mode: 0o755 });
    await symlink("tool.mjs", join(tools, "tool"));
    expect(await run()).toContain("\nby Bun\n");
    expect(await readdir(join(home, ".bun/install/cache"))).not.toEqual([]);
    expect(await run()).toContain(hit);
  } finally {
    await rm(home, { recursive: true });
  }
});

async function runAndRead(workspace: Steered, task: string): Promise<string> {
  await workspace.run(task);
  return (await workspace.read("made")) ?? "";
}

/** As a package manager does it globally: a link to a file of the package that loads the others. */
async function installPackage({ home, tools }: Steered, version: string): Promise<void> {
  const place = join(home, "lib/node_modules/@some/package");
  await mkdir(join(place, "bin"), { recursive: true });
  await writeFile(join(place, "package.json"), JSON.stringify({ name: "@some/package", version }));
  await writeFile(join(place, "main.sh"), `echo version ${version}\n`);
  await writeFile(join(place, "bin/tool"), `#!/bin/sh\n. ${join(place, "main.sh")}\n`, {
    mode: 0o755,
  });
  await rm(join(tools, "tool"), { force: true });
  await symlink(join(place, "bin/tool"), join(tools, "tool"));
}

async function openWithVersions(): Promise<Steered> {
  const workspace = await openSteered();
  await workspace.writeTool("tool-1", "version-1");
  await workspace.writeTool("tool-2", "version-2");
  await switchTo(workspace, "tool-1");
  return workspace;
}

async function switchTo({ tools }: Steered, version: string): Promise<void> {
  await rm(join(tools, "tool"), { force: true });
  await symlink(version, join(tools, "tool"));
}
