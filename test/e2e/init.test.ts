// What `vt init` leaves to the person is printed as commands: here they are typed.
import { expect, test } from "bun:test";
import { join } from "node:path";
import { runVtApart } from "../harness/vt.ts";
import { copyWorkspace, type Workspace } from "../harness/workspace.ts";

const fixture = (name: string): string => join(import.meta.dir, "fixtures", name);

/** Runs `vt init`, then every line of it that is a command of npm. */
async function initAndEdit(workspace: Workspace): Promise<void> {
  const { exitCode, stdout, stderr } = await runVtApart(workspace, ["init"]);
  expect([exitCode, stderr]).toEqual([0, ""]);
  const commands = stdout.split("\n").filter((line) => /^ {2}(?:\(cd \S+ && )?npm pkg /.test(line));
  expect(commands.length).toBeGreaterThan(0);
  const shell = Bun.spawn(["sh", "-ec", commands.join("\n")], {
    cwd: workspace.root,
    env: {
      PATH: process.env["PATH"],
      HOME: workspace.home,
      TMPDIR: workspace.temporary,
      npm_config_update_notifier: "false",
    },
    stdio: ["ignore", "ignore", "inherit"],
  });
  expect(await shell.exited).toBe(0);
}

test("after the commands that `vt init` prints for wireit, tasks and scripts run without it", async () => {
  await using workspace = await copyWorkspace(fixture("init-wireit"));
  await initAndEdit(workspace);
  const first = await runVtApart(workspace, ["run", "build"]);
  expect(first).toMatchObject({ exitCode: 0, stderr: "" });
  expect(first.stdout).toContain("built for a browser");
  expect((await runVtApart(workspace, ["run", "build"])).stdout).toContain("2/2 cache hit");
  expect((await runVtApart(workspace, ["run", "app#test"])).stdout).toContain("app\ncore\n");
  // What wireit ran every time.
  for (const _ of [1, 2])
    expect((await runVtApart(workspace, ["run", "app#publish"])).stdout).toContain("2/2 cache hit");
});

test("after the commands that `vt init` prints for Turborepo, the scripts of the root call vt", async () => {
  await using workspace = await copyWorkspace(fixture("init-turbo"));
  await initAndEdit(workspace);
  for (const hits of ["0/3", "3/3"]) {
    const { exitCode, stdout } = await runVtApart(workspace, ["run", "build"]);
    expect([exitCode, stdout]).toEqual([0, expect.stringContaining(`${hits} cache hit`)]);
  }
  expect((await runVtApart(workspace, ["run", "dev"])).stdout).toContain("serving");
});
