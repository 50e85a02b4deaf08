// Bun itself for another platform, from npm.
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, rename, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { packageManager } from "../package.json";
import { executableOf, type Target } from "./targets.ts";

const root = join(import.meta.dir, "..");
const version = packageManager.slice("bun@".length);

/**
 * The executable that vt for `target` is appended to, fetched where it is not there yet. Throws when
 * npm gives another package than the one that is meant.
 */
export async function runtimeFor(target: Target): Promise<string> {
  const { package: name, integrity } = target.runtime;
  const directory = join(root, ".tools/runtimes", `${basename(name)}-${version}`);
  const path = join(directory, "package/bin", executableOf(target).replace("vt", "bun"));
  if (existsSync(path)) return path;
  console.error(`fetching ${name} ${version} from npm`);
  const aside = `${directory}.new`;
  await rm(aside, { recursive: true, force: true });
  await mkdir(aside, { recursive: true });
  const tarball = `${aside}/${readText(["npm", "pack", "--silent", "--pack-destination", aside, `${name}@${version}`]).trim()}`;
  const found = `sha512-${createHash("sha512")
    .update(await readFile(tarball))
    .digest("base64")}`;
  if (found !== integrity)
    throw new Error(`${name}@${version} is ${found}, expected ${integrity} (scripts/targets.ts)`);
  readText(["tar", "-xzf", tarball, "-C", aside]);
  await rm(tarball);
  await rename(aside, directory);
  return path;
}

function readText(command: string[]): string {
  const { exitCode, stdout } = Bun.spawnSync(command, {
    cwd: root,
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (exitCode !== 0) throw new Error(`${command.join(" ")} ended with ${exitCode}`);
  return stdout.toString();
}
