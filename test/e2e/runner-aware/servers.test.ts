// Development servers of Vite in a task that ends by itself: whether its result is stored.
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { patience } from "../../harness/vt.ts";
import type { Workspace } from "../../harness/workspace.ts";
import { openWorkspace, runTask } from "./setting.ts";

setDefaultTimeout(patience);

const serve = `
import { createServer as createHttpServer } from "node:http";
import { createServer, preview } from "vite";
const how = process.argv[2];
const server = createHttpServer();
const listen = () => new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
if (how === "before") await listen();
const vite = await createServer({
  configFile: false,
  logLevel: "silent",
  server: { middlewareMode: how !== "itself", host: "127.0.0.1", hmr: false, ws: false, watch: null },
});
if (how === "itself") await vite.listen(0);
if (how === "after") await listen();
console.log((await vite.ssrLoadModule("/word.js")).word);
await vite.close();
server.close();
`;

const hows = ["never", "itself", "before", "after"] as const;

let workspace: Workspace;

beforeAll(async () => {
  const scripts = hows.map((how) => [how, `node serve.mjs ${how}`]);
  workspace = await openWorkspace({
    "vite-task.json": { cache: true },
    "package.json": { name: "app", type: "module", scripts: Object.fromEntries(scripts) },
    "serve.mjs": serve,
    "word.js": 'export const word = "alpha";\n',
  });
});

afterAll(async () => await workspace[Symbol.asyncDispose]());

async function runTwice(how: (typeof hows)[number]): Promise<string> {
  const first = await runTask(workspace, how);
  expect(first.text).toContain("alpha");
  return (await runTask(workspace, how)).status;
}

test("what made a development server that never listens is stored", async () => {
  expect(await runTwice("never")).toBe("hit");
});

test.each([
  ["listens", "itself"],
  ["serves for one that listens already", "before"],
  ["serves for one that listens later", "after"],
] as const)("what made a development server that %s is not", async (_, how) => {
  expect(await runTwice(how)).toBe("last run not stored: the task opted out of caching");
});
