import { mkdir } from "node:fs/promises";
import { type Program, sources } from "./program.ts";

const nodeScript = `
const fs = require("node:fs");
const { execFileSync, spawnSync } = require("node:child_process");
fs.readFileSync("src/a.txt"); fs.existsSync("src/none"); fs.readdirSync("src");
fs.mkdirSync("dist/deep", { recursive: true });
fs.writeFileSync("dist/deep/x.js", "1"); fs.renameSync("dist/deep/x.js", "dist/y.js");
fs.copyFileSync("src/b.txt", "dist/b.txt"); fs.symlinkSync("b.txt", "dist/c"); fs.realpathSync.native("dist/c");
fs.appendFileSync("dist/log", "1"); fs.rmSync("dist/deep", { recursive: true });
spawnSync("sh", ["-c", "cat src/b.txt"]);
(async () => {
  for (const name of ["a", "b"]) await fs.promises.readFile(\`src/\${name}.txt\`);
  await fs.promises.cp("src", "copied", { recursive: true });
  await fs.promises.stat("src/late").catch(() => execFileSync("cat", ["src/a.txt"]));
  await fs.promises.utimes("copied/a.txt", 1, 1);
  for await (const entry of await fs.promises.opendir("copied")) await fs.promises.unlink("copied/" + entry.name);
})();
`;

const workerScript = `
const { Worker, isMainThread, workerData } = require("node:worker_threads");
const fs = require("node:fs");
if (isMainThread) for (let i = 0; i < 4; i++) new Worker(__filename, { workerData: i });
else { fs.readFileSync("src/a.txt"); fs.writeFileSync("made-" + workerData, "1"); fs.existsSync("none-" + workerData); }
`;

const modules = {
  "package.json":
    '{ "name": "case", "private": true, "type": "module", "scripts": { "show": "cat src/word.ts" } }',
  "src/index.ts": 'import { word } from "./word.ts";\nexport const said: string = word;\n',
  "src/word.ts": 'export const word: string = "alpha";\n',
};

const page = {
  ...modules,
  "index.html":
    '<link rel="stylesheet" href="/src/a.css"><script type="module" src="/src/page.js"></script>\n',
  "public/robots.txt": "all\n",
  "src/a.css": "p { color: red }\n",
  "src/page.js": 'import("./word.js").then(({ word }) => { document.title = word; });\n',
  "src/word.js": 'export const word = "alpha";\n',
};

const tsconfig = JSON.stringify({
  compilerOptions: {
    outDir: "dist",
    rootDir: "src",
    module: "nodenext",
    strict: true,
    incremental: true,
    rewriteRelativeImportExtensions: true,
    types: [],
    lib: ["es2022"],
  },
  include: ["src"],
});

const bunScript = `
import { readdirSync, readFileSync } from "node:fs";
readFileSync("src/word.ts"); readdirSync("src");
await Bun.write("dist/made.txt", await Bun.file("src/word.ts").text());
console.log(await Bun.file("src/none").exists());
`;

/** What builds, checks, tests and installs in JavaScript repositories. */
export const javascriptPrograms: readonly Program[] = [
  {
    name: "node",
    files: { ...sources, "script.cjs": nodeScript },
    command: ["node", "script.cjs"],
  },
  {
    name: "node, io_uring asked for",
    files: { ...sources, "script.cjs": nodeScript },
    command: ["node", "script.cjs"],
    environment: { UV_USE_IO_URING: "1" },
  },
  {
    name: "node, workers",
    files: { ...sources, "script.cjs": workerScript },
    command: ["node", "script.cjs"],
  },
  {
    name: "tsc 5",
    files: { ...modules, "tsconfig.json": tsconfig },
    command: ["node", "../../node_modules/typescript5/bin/tsc"],
  },
  {
    name: "tsc 7 (Go)",
    files: { ...modules, "tsconfig.json": tsconfig },
    command: ["tsc"],
    isDirect: true,
  },
  { name: "vite build", files: page, command: ["vite", "build"], isDirect: true },
  {
    name: "vitest run",
    files: {
      ...modules,
      "src/word.test.ts":
        'import { expect, test } from "vitest";\nimport { word } from "./word.ts";\ntest("word", () => expect(word).toMatchSnapshot());\n',
    },
    command: ["vitest", "run"],
    isDirect: true,
    varying:
      /(?<=vitest-secret-token).+|(?<=\.vitest-cache\/).+|\.tmp-[\w-]+|(?<=@\/home\/)[\w-]{21}$/g,
  },
  {
    name: "rolldown",
    files: modules,
    command: ["rolldown", "src/index.ts", "-d", "dist"],
    isDirect: true,
  },
  { name: "oxlint", files: modules, command: ["oxlint"], isDirect: true },
  {
    name: "swc",
    files: modules,
    command: ["swc", "src", "-d", "dist"],
    isDirect: true,
    // Else two of its threads race for who makes it.
    prepare: (directory) => mkdir(`${directory}/dist`),
    varying: /publish-\w+/g,
  },
  {
    name: "esbuild (Go)",
    files: modules,
    command: ["esbuild", "src/index.ts", "--bundle", "--outfile=dist/index.js", "--sourcemap"],
    isDirect: true,
  },
  {
    name: "esbuild, by its API",
    files: {
      ...modules,
      "build.mjs":
        'import { build } from "esbuild";\nawait build({ entryPoints: ["src/index.ts"], bundle: true, outdir: "dist" });\n',
    },
    command: ["node", "build.mjs"],
    isDirect: true,
  },
  {
    name: "bun run",
    files: { ...modules, "script.mjs": bunScript },
    command: ["bun", "run", "script.mjs"],
    isDirect: true,
  },
  {
    name: "bun run, a package script",
    files: modules,
    command: ["bun", "run", "show"],
    isDirect: true,
  },
  {
    name: "bun build",
    files: modules,
    command: ["bun", "build", "src/index.ts", "--outdir", "dist"],
    isDirect: true,
  },
  {
    name: "bun test",
    files: {
      ...modules,
      "src/word.test.ts":
        'import { expect, test } from "bun:test";\nimport { word } from "./word.ts";\ntest("word", () => expect(word).toBe("alpha"));\n',
    },
    command: ["bun", "test"],
    isDirect: true,
  },
  {
    name: "deno run",
    files: {
      ...modules,
      "main.ts":
        'import { word } from "./src/word.ts";\nawait Deno.writeTextFile("made", word + await Deno.readTextFile("src/index.ts"));\n',
    },
    command: ["deno", "run", "-A", "--no-remote", "main.ts"],
    // Else two of its threads race for who makes it, and what they do depends on who wins.
    prepare: (directory) => mkdir(`${directory}/home/.cache/deno`, { recursive: true }),
    isDirect: true,
    // Whether its database is closed, or left with what SQLite keeps beside it, is another race.
    varying: /\.\w{8}(?=\.tmp$)|(?<=_cache_v\d)(-wal|-shm)?$/g,
  },
  { name: "npm run", files: modules, command: ["npm", "run", "show"], varying: /_logs\/.*/g },
  {
    name: "pnpm run (Rust)",
    files: modules,
    command: ["../../node_modules/@pnpm/exe.linux-x64/pnpm", "run", "show"],
    isDirect: true,
  },
];
