// Runs a script with the pinned Bun, which it first fetches from npm, and with the locked
// dependencies in place. Plain Node without dependencies, because on a fresh clone there is
// nothing else: `node scripts/bun.mjs <script.ts> [arguments]`.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const version = JSON.parse(readFileSync(join(root, "package.json"), "utf8")).packageManager.slice(
  "bun@".length,
);

const bun = findBun() ?? installBun();
run(bun, ["install", "--frozen-lockfile", "--silent"]);
run(bun, process.argv.slice(2));

/** Where npm puts the executable: through the postinstall script, or without it. */
function findBun() {
  const architecture = process.arch === "arm64" ? "aarch64" : process.arch;
  return ["bun/bin/bun.exe", `@oven/bun-${process.platform}-${architecture}/bin/bun`]
    .map((path) => join(root, ".tools/node_modules", path))
    .find((path) => existsSync(path) && versionOf(path) === version);
}

function versionOf(path) {
  const { status, stdout } = spawnSync(path, ["--version"], { encoding: "utf8" });
  return status === 0 ? stdout.trim() : undefined;
}

function installBun() {
  console.error(`fetching bun ${version} from npm`);
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  const flags = ["--prefix", join(root, ".tools"), "--no-save", "--no-audit", "--no-fund"];
  run(npm, ["install", ...flags, "--loglevel=error", "--ignore-scripts", `bun@${version}`]);
  const path = findBun();
  if (path === undefined) {
    console.error(`npm installed no usable bun ${version} for ${process.platform} ${process.arch}`);
    process.exit(1);
  }
  return path;
}

function run(program, args) {
  const { status, signal, error } = spawnSync(program, args, { cwd: root, stdio: "inherit" });
  if (error) console.error(`${program}: ${error.message}`);
  if (signal) process.kill(process.pid, signal);
  if (status !== 0) process.exit(status ?? 1);
}
