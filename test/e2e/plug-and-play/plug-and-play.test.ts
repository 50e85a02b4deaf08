// A workspace that Yarn itself has installed, without any node_modules.
import { expect, setDefaultTimeout, test } from "bun:test";
import { appendFile } from "node:fs/promises";
import { join } from "node:path";
import { installPackages } from "../../harness/install-packages.ts";
import { temporaryDirectory } from "../../harness/temporary-directory.ts";
import { patience, runVt } from "../../harness/vt.ts";
import { copyWorkspace } from "../../harness/workspace.ts";

setDefaultTimeout(patience);

test("a program that only Yarn's Plug'n'Play knows is run by Yarn, and cached like any other", async () => {
  await using tools = await temporaryDirectory();
  await installPackages(join(import.meta.dir, "install"), tools.path);
  await using workspace = await copyWorkspace(join(import.meta.dir, "workspace"));
  const environment = {
    PATH: `${tools.path}/node_modules/.bin:${process.env["PATH"]}`,
    YARN_ENABLE_NETWORK: "0",
    YARN_ENABLE_TELEMETRY: "0",
  };
  await Bun.write(join(workspace.root, "yarn.lock"), "");
  const install = Bun.spawn(["yarn", "install", "--no-immutable"], {
    cwd: workspace.root,
    env: { ...environment, HOME: workspace.home },
    stdio: ["ignore", "pipe", "inherit"],
  });
  expect(await install.exited, await install.stdout.text()).toBe(0);
  const run = () => runVt(workspace, ["run", "--cache", "app#words"], { environment });
  expect(await run()).toEqual({
    exitCode: 0,
    text: "~/packages/app$ say words.txt\nsome words\n\n",
  });
  expect((await run()).text).toContain("◉ cache hit, replaying\nsome words\n");
  await appendFile(join(workspace.root, "packages/app/words.txt"), "and more\n");
  expect((await run()).text).toContain("'packages/app/words.txt' modified");
});
