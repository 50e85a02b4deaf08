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

test("a program that an earlier command makes is run and kept, and not one of its name further on in PATH", async () => {
  await using workspace = await openWithTools("sh make.sh && tool");
  const made = join(workspace.root, "node_modules/.bin/tool");
  expect(await workspace.run("both")).toContain("\nlocal\n");
  const again = await workspace.run("both");
  expect(again).toContain("\nlocal\n");
  expect(again).toContain("2/2 cache hit");
  await rm(made);
  const restored = await workspace.run("both");
  expect(restored).toContain("\nlocal\n");
  expect(restored).toContain("2/2 cache hit");
  await rm(made);
  await writeFile(join(workspace.root, "make.sh"), "echo makes nothing\n");
  expect(await workspace.run("both")).toContain("\nof the system\n");
  expect(await workspace.run("both")).toContain("2/2 cache hit");
});

test("a program that an earlier command removes is not waited for: the next one of its name in PATH is run", async () => {
  await using workspace = await openWithTools("rm -f node_modules/.bin/tool && tool");
  for (const _ of [1, 2]) {
    await installTool(workspace, "local");
    expect(await workspace.run("both")).toContain("\nof the system\n");
  }
  expect(await workspace.run("both")).toContain("\nof the system\n");
  await rm(join(workspace.tools, "tool"));
  await installTool(workspace, "local");
  const { exitCode, text } = await workspace.start("both");
  expect(exitCode).toBe(1);
  expect(text).toContain('program "tool" not found');
});

test("a program that a hit removes, being of an earlier state, is not run", async () => {
  await using workspace = await openWithTools("sh make.sh && tool");
  const flag = join(workspace.root, "flag");
  await writeFile(join(workspace.root, "make.sh"), `if grep -q yes flag; then\n${makeTool}fi\n`);
  await writeFile(flag, "no");
  expect(await workspace.run("both")).toContain("\nof the system\n");
  await writeFile(flag, "yes");
  expect(await workspace.run("both")).toContain("\nlocal\n");
  await writeFile(flag, "no");
  const said = await workspace.run("both");
  expect(said).toContain("2/2 cache hit");
  expect(said).toContain("\nof the system\n");
});

test("commands that are one to the cache are not stored when one of them makes another run a program that was not found before", async () => {
  await using workspace = await openWithTools("sh make.sh && tool && sh finish.sh");
  const flag = join(workspace.root, "flag");
  await writeFile(
    join(workspace.root, "make.sh"),
    `echo begun > out\nif grep -q yes flag; then\n${makeTool}fi\n`,
  );
  await writeFile(join(workspace.root, "finish.sh"), "echo ended > out\n");
  await writeFile(flag, "no");
  expect(await workspace.run("both")).toContain("\nof the system\n");
  expect(await workspace.run("both")).toContain("3/3 cache hit");
  await writeFile(flag, "yes");
  const said = await workspace.run("both");
  expect(said).toContain("\nlocal\n");
  expect(said).toContain("not cached because 'tool' changed while the task ran");
  expect(await workspace.run("both")).toContain("\nlocal\n");
  const again = await workspace.run("both");
  expect(again).toContain("\nlocal\n");
  expect(again).toContain("3/3 cache hit");
});

test("a program outside the workspace that a command makes can be run by the next", async () => {
  await using workspace = await openWithTools("sh make.sh");
  const outside = join(workspace.temporary, "outside");
  await mkdir(outside);
  const place = join(outside, "tool");
  await setScript(workspace, `cp source-tool ${place} && ${place} && rm ${place}`);
  await writeFile(join(workspace.root, "source-tool"), "#!/bin/sh\necho outside\n", {
    mode: 0o755,
  });
  for (const _ of [1, 2, 3]) expect(await workspace.run("both")).toContain("\noutside\n");
  await writeFile(place, "#!/bin/sh\necho of somebody else\n", { mode: 0o755 });
  const text = await workspace.run("both");
  expect(text).toContain("\noutside\n");
  expect(text).toContain("no hit would make");
  await rm(place, { force: true });
  await setScript(workspace, `${place} && true`);
  const refused = await workspace.start("both");
  expect(refused.exitCode).toBe(1);
  expect(refused.text).toContain("Failed to plan");
});

const makeTool =
  "mkdir -p node_modules/.bin\nprintf '#!/bin/sh\\necho local\\n' > node_modules/.bin/tool\nchmod 755 node_modules/.bin/tool\n";

/** Its script `both` is `command`, `make.sh` makes a `tool` in `node_modules/.bin`, and another is in PATH. */
async function openWithTools(command: string): Promise<Steered> {
  const workspace = await openSteered();
  await setScript(workspace, command);
  await writeFile(join(workspace.root, "make.sh"), makeTool);
  await workspace.writeTool("tool", "of the system");
  return workspace;
}

async function setScript({ root }: Steered, both: string): Promise<void> {
  const manifest = { name: "steered", scripts: { both } };
  await writeFile(join(root, "package.json"), JSON.stringify(manifest));
  await writeFile(join(root, "vite-task.json"), '{ "cache": true }');
}

async function installTool({ root }: Steered, text: string): Promise<void> {
  await mkdir(join(root, "node_modules/.bin"), { recursive: true });
  const file = join(root, "node_modules/.bin/tool");
  await writeFile(file, `#!/bin/sh\necho ${text}\n`, { mode: 0o755 });
}

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
