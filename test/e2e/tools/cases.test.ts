// Cases that a rule less careful than those of docs/caching.md gets wrong, with the real tools.
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { patience } from "../../harness/vt.ts";
import type { Workspace } from "../../harness/workspace.ts";
import { references } from "./compilers.ts";
import { type Installation, installTools } from "./installation.ts";
import { knownGaps } from "./known-gaps.ts";
import { edit, hit, remove } from "./play.ts";
import { type Run, run } from "./run.ts";

setDefaultTimeout(patience);

const snapshot = "src/__snapshots__/word.test.js.snap";
const snapshotTest = {
  "src/word.js": 'export const word = "alpha";\n',
  "src/word.test.js": `import { expect, test } from "vitest";
import { word } from "./word.js";
test("word", () => expect({ word }).toMatchSnapshot());
`,
};

let installation: Installation;

beforeAll(async () => {
  installation = await installTools();
});

afterAll(async () => await installation[Symbol.asyncDispose]());

test("what an incremental compiler left in place belongs to its result", async () => {
  await using workspace = await installation.workspace({
    command: "tsc -b",
    files: references.files,
  });
  const { root } = workspace;
  const change = { path: "app/main.ts", from: '"one"', to: '"two"' };
  const first = await run(workspace);
  await edit(root, change);
  const edited = await run(workspace);
  expect({ ...edited, text: "" }).toMatchObject({ exitCode: 0, isHit: false, skips: [] });
  const rewritten = [...edited.picture.keys()].filter(
    (path) => path.startsWith("dist/") && edited.picture.get(path) !== first.picture.get(path),
  );
  expect(rewritten).toEqual(["dist/app/main.js", "dist/app/tsconfig.tsbuildinfo"]);
  await remove(root, ["dist"]);
  expect(hit(await run(workspace), edited)).toEqual([]);
  await edit(root, { ...change, from: change.to, to: change.from });
  expect(hit(await run(workspace), first)).toEqual([]);
  await remove(root, ["dist/core"]);
  expect(hit(await run(workspace), first)).toEqual([]);
});

test("a snapshot that a tool reads and updates goes back and forth with the code", async () => {
  await using workspace = await installation.workspace({
    command: "vitest run -u",
    files: snapshotTest,
  });
  const { root } = workspace;
  const first = await runVitest(workspace);
  expect(first.picture.get(snapshot)).toContain("alpha");
  await edit(root, { path: "src/word.js", from: "alpha", to: "omega" });
  const second = await runVitest(workspace);
  expect({ ...second, text: "" }).toMatchObject({ exitCode: 0, isHit: false, skips: [] });
  expect(second.picture.get(snapshot)).toContain("omega");
  await edit(root, { path: "src/word.js", from: "omega", to: "alpha" });
  expect(hit(await runVitest(workspace), first)).toEqual([]);
  await edit(root, { path: "src/word.js", from: "alpha", to: "omega" });
  expect(hit(await runVitest(workspace), second)).toEqual([]);
  await remove(root, ["src/__snapshots__"]);
  expect(hit(await runVitest(workspace), second)).toEqual([]);
});

test("a snapshot that somebody changed is no longer the tool's own work", async () => {
  await using workspace = await installation.workspace({
    command: "vitest run",
    files: snapshotTest,
  });
  const { root } = workspace;
  const first = await runVitest(workspace);
  expect(first.picture.get(snapshot)).toContain("alpha");
  expect(hit(await runVitest(workspace), first)).toEqual([]);
  await edit(root, { path: snapshot, from: "alpha", to: "omega" });
  const changed = await runVitest(workspace);
  const isRun = changed.exitCode === 1 && !changed.isHit;
  const isKept = changed.picture.get(snapshot)?.includes("omega") === true;
  const isGap = "a snapshot that somebody changed" in knownGaps.cases;
  expect({ isRun, isKept }).toEqual({ isRun: !isGap, isKept: !isGap });
});

test("two values of a variable write two folders, and neither takes the other's away", async () => {
  await using workspace = await installation.workspace({
    command: "node build.js",
    files: {
      "vite-task.json": {
        cache: true,
        tasks: { build: { command: "node build.js", env: ["TARGET"] } },
      },
      "package.json": { name: "tool", private: true, type: "module" },
      "build.js": `import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
const directory = "out/" + process.env.TARGET;
rmSync(directory, { recursive: true, force: true });
mkdirSync(directory, { recursive: true });
writeFileSync(directory + "/target.txt", process.env.TARGET);
console.log(readdirSync(directory).join());
`,
    },
  });
  const { root } = workspace;
  const x64 = await run(workspace, { TARGET: "x64" });
  const both = await run(workspace, { TARGET: "arm64" });
  expect(both.skips).toEqual([]);
  expect([...both.picture.keys()].filter((path) => path.endsWith(".txt"))).toEqual([
    "out/arm64/target.txt",
    "out/x64/target.txt",
  ]);
  const again = await run(workspace, { TARGET: "x64" });
  expect(hit(again, both)).toEqual([]);
  await remove(root, ["out"]);
  expect(hit(await run(workspace, { TARGET: "x64" }), x64)).toEqual([]);
  expect(hit(await run(workspace, { TARGET: "arm64" }), both)).toEqual([]);
});

test("a configuration whose lists differ by mode hits for each mode, however often that changes", async () => {
  await using workspace = await installation.workspace({
    command: "vite build",
    files: {
      "vite.config.js": `import { readFileSync } from "node:fs";
import { defineConfig } from "vite";
const isWide = readFileSync("mode.txt", "utf8") === "wide";
const title = { name: "title", transformIndexHtml: (html) => html + readFileSync("title.txt", "utf8") };
export default defineConfig({
  plugins: isWide ? [title] : [],
  build: { rollupOptions: { input: isWide ? ["index.html", "other.html"] : ["index.html"] } },
});
`,
      "mode.txt": "narrow",
      "title.txt": "<title>alpha</title>\n",
      "index.html": '<script type="module" src="/main.js"></script>\n',
      "other.html": '<script type="module" src="/main.js"></script>\n',
      "main.js": "document.title += 1;\n",
    },
  });
  const { root } = workspace;
  const narrow = await run(workspace);
  await edit(root, { path: "mode.txt", from: "narrow", to: "wide" });
  const wide = await run(workspace);
  expect([narrow.isHit, wide.isHit]).toEqual([false, false]);
  expect([narrow.skips, wide.skips]).toEqual([[], []]);
  expect(wide.picture.get("dist/other.html")).toContain("<title>alpha</title>");
  for (const _ of ["third and fourth", "fifth and sixth"]) {
    await edit(root, { path: "mode.txt", from: "wide", to: "narrow" });
    expect(hit(await run(workspace), narrow)).toEqual([]);
    await edit(root, { path: "mode.txt", from: "narrow", to: "wide" });
    expect(hit(await run(workspace), wide)).toEqual([]);
  }
  // What only one mode reads counts for that mode alone.
  await edit(root, { path: "title.txt", from: "alpha", to: "omega" });
  expect((await run(workspace)).isHit).toBe(false);
  await edit(root, { path: "mode.txt", from: "wide", to: "narrow" });
  expect((await run(workspace)).isHit).toBe(true);
});

/** Vitest writes a file into a `HOME` that is new to it; in a temporary directory that is nothing. */
async function runVitest(workspace: Workspace): Promise<Run> {
  return await run(workspace, { HOME: workspace.temporary });
}
