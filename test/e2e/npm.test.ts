// The npm packages, installed by the package managers that people have, from a registry on this machine.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { version } from "../../package.json";
import { mainPackage, platformManifest, platformPackage } from "../../scripts/release-npm.ts";
import { hostTarget, targets } from "../../scripts/targets.ts";
import { installPackages } from "../harness/install-packages.ts";
import { type NpmRegistry, openRegistry } from "../harness/package-server.ts";
import { vtPath } from "../harness/vt.ts";

let published: NpmRegistry;
let clients: string;

beforeAll(async () => {
  clients = join(await realpath(await mkdtemp(join(tmpdir(), "npm-"))), "clients");
  await installPackages(join(import.meta.dir, "npm-clients"), clients);
  const host = hostTarget();
  published = await openRegistry(
    [await mainPackage(), await platformPackage(host, vtPath)],
    targets.filter((target) => target !== host).map(platformManifest),
  );
});

afterAll(async () => {
  await published[Symbol.asyncDispose]();
  await rm(join(clients, ".."), { recursive: true });
});

type Project = AsyncDisposable & {
  readonly root: string;
  readonly run: (command: readonly string[]) => Promise<{ exitCode: number; text: string }>;
};

/** A project with `vt-run` among its dependencies, and nothing installed. */
async function openProject(): Promise<Project> {
  const base = await realpath(await mkdtemp(join(tmpdir(), "project-")));
  const root = join(base, "project");
  const [home, bin] = [join(base, "home"), join(base, "bin")];
  for (const directory of [root, home, bin]) await mkdir(directory);
  await symlink(join(clients, "node_modules/pnpm/bin/pnpm.cjs"), join(bin, "pnpm"));
  await symlink(join(clients, "node_modules/@yarnpkg/cli-dist/bin/yarn.js"), join(bin, "yarn"));
  await symlink(process.execPath, join(bin, "bun"));
  const manifest = {
    name: "project",
    scripts: { build: "cat a.txt", fail: "exit 7", wait: "echo waiting; sleep 60" },
    devDependencies: { "vt-run": version },
  };
  await writeFile(join(root, "package.json"), JSON.stringify(manifest));
  await writeFile(join(root, "vite-task.json"), '{ "tasks": { "build": {} } }');
  await writeFile(join(root, "a.txt"), "built\n");
  const environment = {
    PATH: `${bin}:${process.env["PATH"]}`,
    HOME: home,
    TMPDIR: base,
    NO_UPDATE_NOTIFIER: "1",
    npm_config_registry: published.url,
    YARN_NPM_REGISTRY_SERVER: published.url,
    YARN_UNSAFE_HTTP_WHITELIST: "127.0.0.1",
    YARN_ENABLE_TELEMETRY: "0",
    YARN_ENABLE_IMMUTABLE_INSTALLS: "0",
  };
  return {
    root,
    run: async (command) => {
      const child = Bun.spawn(["env", ...command], {
        cwd: root,
        env: environment,
        stdio: ["ignore", "pipe", "pipe"],
      });
      const [out, errors, exitCode] = await Promise.all([
        new Response(child.stdout).text(),
        new Response(child.stderr).text(),
        child.exited,
      ]);
      return { exitCode, text: out + errors };
    },
    [Symbol.asyncDispose]: () => rm(base, { recursive: true }),
  };
}

type Client = readonly [
  name: string,
  install: readonly string[],
  execute: readonly string[],
  settings?: readonly string[],
];

const clientTable: readonly Client[] = [
  ["npm", ["npm", "install", "--no-audit", "--no-fund"], ["npx"]],
  ["pnpm", ["pnpm", "install"], ["pnpm", "exec"]],
  ["Yarn", ["yarn", "install"], ["yarn", "run"], ["YARN_NODE_LINKER=node-modules"]],
  ["Yarn with Plug'n'Play", ["yarn", "install"], ["yarn", "run"]],
  ["Bun", ["bun", "install"], ["bun", "x"]],
];

for (const [name, install, execute, settings = []] of clientTable) {
  test(`what ${name} installs runs, hits, and ends as its task ends`, async () => {
    await using project = await openProject();
    expect(await project.run([...settings, ...install])).toMatchObject({ exitCode: 0 });
    const run = async (...args: readonly string[]): ReturnType<Project["run"]> =>
      await project.run([...settings, ...execute, ...args]);
    const first = await run("vt", "run", "build");
    expect([first.exitCode, first.text]).toEqual([0, expect.stringContaining("built\n")]);
    expect((await run("vtr", "build")).text).toContain("cache hit, replaying");
    expect((await run("vt", "run", "fail")).exitCode).toBe(7);
  });
}

test("the launcher hands signals on, whether or not Node can be replaced, and names the package that is missing", async () => {
  await using project = await openProject();
  await project.run(["npm", "install", "--no-audit", "--no-fund"]);
  const modules = join(project.root, "node_modules");
  const nodes = join(clients, "../nodes");
  await installPackages(join(import.meta.dir, "runner-aware/nodes"), nodes);
  const replaceable = join(nodes, `node_modules/node-24-${process.arch}/bin/node`);
  for (const node of ["node", replaceable]) {
    const launcher = Bun.spawn([node, join(modules, "vt-run/vt.cjs"), "run", "wait"], {
      cwd: project.root,
      stdio: ["ignore", "pipe", "inherit"],
    });
    const reader = launcher.stdout.getReader();
    let text = "";
    while (!text.includes("\nwaiting"))
      text += new TextDecoder().decode((await reader.read()).value);
    launcher.kill("SIGTERM");
    expect(await launcher.exited).toBe(143);
  }
  await rm(join(modules, `vt-run-${hostTarget().name}`), { recursive: true });
  const missing = await project.run([join(modules, ".bin/vt"), "run", "build"]);
  expect(missing.exitCode).toBe(1);
  expect(missing.text).toContain(
    `the package vt-run-${hostTarget().name}, which holds the program`,
  );
  expect(missing.text).toContain("--omit=optional");
});

test("the types of vt-run say what a vite-task.json may have", async () => {
  await using project = await openProject();
  await project.run(["npm", "install", "--no-audit", "--no-fund", "--omit=optional"]);
  await writeFile(
    join(project.root, "a.mts"),
    `import { defineConfig, type RunConfig } from "vt-run";
export const right: RunConfig = defineConfig({ tasks: { build: { env: ["MODE"] }, test: "x" } });
// @ts-expect-error: a list of names is wanted
defineConfig({ tasks: { build: { env: "MODE" } } });
`,
  );
  const tsc = join(import.meta.dir, "../../node_modules/.bin/tsc");
  const checked = await project.run([tsc, "--noEmit", "--strict", "--module", "nodenext", "a.mts"]);
  expect(checked).toEqual({ exitCode: 0, text: "" });
  const script = 'console.log(JSON.stringify(require("vt-run").defineConfig({ tasks: {} })))';
  expect((await project.run(["node", "-e", script])).text).toBe('{"tasks":{}}\n');
});
