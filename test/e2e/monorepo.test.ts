// The main job on a copy of `examples/monorepo`, with its real tools. One story: each test goes on where
// the one before it ended.
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync } from "node:fs";
import { appendFile, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { comparePaths } from "../../src/base/path.ts";
import { patience, runVt } from "../harness/vt.ts";
import { waitFor } from "../harness/wait.ts";
import { copyWorkspace, type Workspace } from "../harness/workspace.ts";

setDefaultTimeout(patience);

/** Each package's command as vt prints it. */
const commands = {
  cli: "esbuild src/todo.ts --bundle --platform=node --format=esm --outfile=dist/todo.js",
  core: "tsc",
  tokens: "sh build.sh",
  utils: "tsc",
  web: "vite build",
};

const hit = "◉ cache hit, replaying";
const allHit = { cli: hit, core: hit, tokens: hit, utils: hit, web: hit };

let workspace: Workspace;
let built: Readonly<Record<string, string>>;

beforeAll(async () => {
  workspace = await copyWorkspace(join(import.meta.dir, "../../examples/monorepo"));
  const install = [
    process.execPath,
    "install",
    "--frozen-lockfile",
    "--silent",
    "--backend=copyfile",
  ];
  expect(await Bun.spawn(install, { cwd: workspace.root }).exited).toBe(0);
});

afterAll(async () => await workspace[Symbol.asyncDispose]());

test("the first run builds every package", async () => {
  const { statuses, text } = await build();
  expect(statuses).toEqual({ cli: "", core: "", tokens: "", utils: "", web: "" });
  expect(text).toContain("vt run: 0/5 cache hit (0%), 5/5 successful.");
  built = await outputs();
  expect(Object.keys(built).filter((path) => !path.includes("/assets/"))).toEqual([
    "packages/cli/dist/todo.js",
    "packages/core/dist/index.d.ts",
    "packages/core/dist/index.js",
    "packages/core/dist/task.d.ts",
    "packages/core/dist/task.js",
    "packages/tokens/dist/tokens.css",
    "packages/tokens/dist/tokens.json",
    "packages/utils/dist/duration.d.ts",
    "packages/utils/dist/duration.js",
    "packages/utils/dist/index.d.ts",
    "packages/utils/dist/index.js",
    "packages/web/dist/index.html",
  ]);
});

test("the second run takes everything from the cache", async () => {
  const { statuses, text } = await build();
  expect(statuses).toEqual(allHit);
  expect(text).toContain("vt run: 5/5 cache hit (100%), 5/5 successful");
});

test("after all outputs were deleted they are restored, byte for byte", async () => {
  await deleteOutputs();
  expect((await build()).statuses).toEqual(allHit);
  expect(await outputs()).toEqual(built);
});

test("an edit that nobody depends on runs one package", async () => {
  await edit("packages/cli/src/todo.ts", "console.log(lines.length);\n");
  const { statuses } = await build();
  expect(statuses).toEqual({ ...allHit, cli: missed("'packages/cli/src/todo.ts' modified") });
});

test("an edit that changes what is built runs the package and those that read it", async () => {
  await edit("packages/core/src/task.ts", "export const units = 'minutes';\n");
  const { statuses } = await build();
  expect(statuses["core"]).toBe(missed("'packages/core/src/task.ts' modified"));
  expect(statuses["utils"]).toBe(missed("'packages/core/dist/task.d.ts' modified"));
  expect(statuses["cli"]).toBe(missed("'packages/core/dist/task.js' modified"));
  expect(statuses["web"]).toBe(missed("'packages/core/dist/task.js' modified"));
  expect(statuses["tokens"]).toBe(hit);
});

test("an edit that changes nothing that is built runs one package", async () => {
  await edit("packages/core/src/task.ts", "\n\n");
  const { statuses } = await build();
  expect(statuses).toEqual({ ...allHit, core: missed("'packages/core/src/task.ts' modified") });
});

test("a file that a script had looked for in vain makes it run", async () => {
  await edit("packages/tokens/brand.txt", "accent #d6409f\n");
  const { statuses } = await build();
  expect(statuses).toEqual({
    ...allHit,
    tokens: missed("'brand.txt' added in 'packages/tokens'"),
    web: missed("'packages/tokens/dist/tokens.css' modified"),
  });
});

test("a run whose input was edited meanwhile is not stored, and vt names the file", async () => {
  const signals = join(workspace.temporary, "signals");
  await addSlowPackage(signals);
  const run = runVt(workspace, ["run", "slow#build"]);
  await waitFor("the task to read its input", () => existsSync(join(signals, "started")));
  await edit("packages/slow/input.txt", "edited\n");
  await writeFile(join(signals, "go"), "");
  const { exitCode, text } = await run;
  expect(exitCode).toBe(0);
  expect(text).toContain("packages/slow/input.txt");
  expect(text).toContain("changed while the task ran");
  expect((await runVt(workspace, ["run", "slow#build"])).text).not.toContain(hit);
});

/** Builds everything; `statuses` holds what stands behind each package's command, "" for nothing. */
async function build(): Promise<{ statuses: Record<string, string>; text: string }> {
  const { exitCode, text } = await runVt(workspace, ["run", "-r", "build"]);
  expect({ exitCode, text }).toEqual({ exitCode: 0, text });
  const lines = text.split("\n");
  const statuses = Object.entries(commands).map(([name, command]) => {
    const start = `~/packages/${name}$ ${command}`;
    const line = lines.find((candidate) => candidate.startsWith(start));
    return [name, line?.slice(start.length).trim() ?? "not run"] as const;
  });
  return { statuses: Object.fromEntries(statuses), text };
}

function missed(reason: string): string {
  return `○ cache miss: ${reason}, executing`;
}

async function edit(path: string, text: string): Promise<void> {
  await appendFile(join(workspace.root, path), text);
}

/** Path → digest of each file below a `dist`, sorted. */
async function outputs(): Promise<Readonly<Record<string, string>>> {
  const paths = [...new Bun.Glob("packages/*/dist/**").scanSync(workspace.root)].sort(comparePaths);
  const digests = paths.map(async (path) => {
    const bytes = await Bun.file(join(workspace.root, path)).bytes();
    return [path, Bun.SHA256.hash(bytes, "hex")] as const;
  });
  return Object.fromEntries(await Promise.all(digests));
}

async function deleteOutputs(): Promise<void> {
  for (const name of Object.keys(commands)) {
    await rm(join(workspace.root, "packages", name, "dist"), { recursive: true });
  }
}

/** A task that reads its input, says so in the directory `signals`, and waits there to be told to end. */
async function addSlowPackage(signals: string): Promise<void> {
  const directory = join(workspace.root, "packages/slow");
  const script = `cat input.txt > copy.txt
touch ${signals}/started
until [ -e ${signals}/go ]; do sleep 0.02; done
`;
  await mkdir(signals);
  await mkdir(directory);
  await writeFile(join(directory, "package.json"), '{ "name": "slow" }');
  await writeFile(join(directory, "vite-task.json"), '{ "tasks": { "build": "sh slow.sh" } }');
  await writeFile(join(directory, "slow.sh"), script);
  await writeFile(join(directory, "input.txt"), "first\n");
}
