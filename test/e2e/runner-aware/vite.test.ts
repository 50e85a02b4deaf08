// Vite as it comes from npm, in two apps without any configuration for caching. One story: each test
// goes on where the one before it ended.
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { patience, runVt } from "../../harness/vt.ts";
import type { Workspace } from "../../harness/workspace.ts";
import { openWorkspace, type Run, runTask, writeFiles } from "./setting.ts";

setDefaultTimeout(patience);

let workspace: Workspace;

beforeAll(async () => {
  workspace = await openWorkspace({
    "pnpm-workspace.yaml": "packages: [apps/*]\n",
    "vite-task.json": { cache: true },
    ...appFiles("one"),
    ...appFiles("two"),
  });
});

afterAll(async () => await workspace[Symbol.asyncDispose]());

function appFiles(name: string): Readonly<Record<string, unknown>> {
  const directory = `apps/${name}`;
  return {
    [`${directory}/package.json`]: { name, type: "module", scripts: { build: "vite build" } },
    [`${directory}/vite.config.js`]: 'export default { envPrefix: "VITE_" };\n',
    [`${directory}/index.html`]: '<script type="module" src="/src/main.js"></script>\n',
    [`${directory}/src/main.js`]:
      "globalThis.shown = [import.meta.env.VITE_X, import.meta.env.MYAPP_X, import.meta.env.MODE];\n",
  };
}

async function build(environment: Readonly<Record<string, string>> = {}): Promise<Run> {
  return await runTask(workspace, "one#build", environment);
}

test("two apps are built at once, and neither is kept out of the cache", async () => {
  const { exitCode, text } = await runVt(workspace, ["run", "-r", "-v", "build"]);
  expect({ exitCode, text }).toEqual({ exitCode: 0, text });
  expect(text).not.toContain("Not cached");
  expect(text).toContain("ignored as input: 'apps/one/dist'");
  const again = await runVt(workspace, ["run", "-r", "build"]);
  expect(again.text).toContain("vt run: 2/2 cache hit (100%)");
});

test("deleted outputs are put back", async () => {
  const page = join(workspace.root, "apps/one/dist/index.html");
  const before = await readFile(page, "utf8");
  await rm(join(workspace.root, "apps/one/dist"), { recursive: true });
  expect((await build()).status).toBe("hit");
  expect(await readFile(page, "utf8")).toBe(before);
});

test("a variable that Vite puts into the bundle counts, and others do not", async () => {
  expect((await build({ VITE_X: "alpha" })).status).toBe("env 'VITE_X' added");
  expect((await build({ VITE_X: "alpha", OTHER: "1" })).status).toBe("hit");
  expect((await build({ NODE_ENV: "development" })).status).toBe("env 'NODE_ENV' added");
  expect((await build()).status).toBe("hit");
});

test("Vite's own caches do not count", async () => {
  await rm(join(workspace.root, "node_modules/.vite"), { recursive: true, force: true });
  await writeFiles(workspace, { "node_modules/.vite/deps/x.js": "x\n" });
  expect((await build()).status).toBe("hit");
  await rm(join(workspace.root, "node_modules/.vite"), { recursive: true });
  expect((await build()).status).toBe("hit");
});

test("a file that Vite did not look for does not count, and one that it did does", async () => {
  await writeFiles(workspace, { "apps/one/notes.txt": "notes\n" });
  expect((await build()).status).toBe("hit");
  await writeFiles(workspace, { "apps/one/.env": "VITE_X=beta\n" });
  expect((await build()).status).toBe("'.env' added in 'apps/one'");
});

test("with another prefix in the configuration, other variables count", async () => {
  const config = join(workspace.root, "apps/one/vite.config.js");
  await writeFile(config, (await readFile(config, "utf8")).replace("VITE_", "MYAPP_"));
  expect((await build()).status).toBe("'apps/one/vite.config.js' modified");
  expect((await build({ VITE_X: "alpha" })).status).toBe("hit");
  expect((await build({ MYAPP_X: "alpha" })).status).toBe("env 'MYAPP_X' added");
});
