// `npm start`: builds vt and shows the main job on `examples/monorepo`.
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { comparePaths } from "../src/base/path.ts";
import { compileHost } from "./compile.ts";

const root = join(import.meta.dir, "..");
const example = join(root, "examples/monorepo");
const vt = join(root, "dist/vt");

say("Building dist/vt");
await compileHost();

say("Installing the example's own tools: TypeScript, Vite, esbuild, Node");
await run([process.execPath, "install", "--frozen-lockfile", "--silent"]);

say("First run, with an empty cache: every package is built, and vt watches");
// There may be nothing to clean, and to read so would only puzzle.
await run([vt, "cache", "clean"], "ignore");
await deleteOutputs();
await run([vt, "run", "-r", "build"]);

say("Now every dist folder is deleted");
for (const path of await deleteOutputs()) console.log(`deleted ${path}`);

say("Second run: nothing is built, everything is put back");
await run([vt, "run", "-r", "build"]);
for (const path of findOutputs()) console.log(`restored ${path}`);

console.log(`
Try it yourself: change a file under examples/monorepo/packages and run, in examples/monorepo,
  ../../dist/vt run -r build`);

function say(text: string): void {
  console.log(`\n==> ${text}`);
}

function findOutputs(): readonly string[] {
  const packages = [...new Bun.Glob("packages/*/package.json").scanSync(example)];
  return packages
    .map((path) => path.replace("package.json", "dist"))
    .filter((path) => existsSync(join(example, path)))
    .sort(comparePaths);
}

async function deleteOutputs(): Promise<readonly string[]> {
  const outputs = findOutputs();
  for (const path of outputs) await rm(join(example, path), { recursive: true });
  return outputs;
}

async function run(command: string[], stdout: "inherit" | "ignore" = "inherit"): Promise<void> {
  const child = Bun.spawn(command, { cwd: example, stdio: ["inherit", stdout, "inherit"] });
  const exitCode = await child.exited;
  if (exitCode !== 0) process.exit(exitCode);
}
