import { cp, mkdir, readdir, symlink } from "node:fs/promises";
import { join } from "node:path";

const root = join(import.meta.dir, "../..");
const patches = join(import.meta.dir, "faults");

/** Names of the planted faults. Each is a patch to a copy of the sources; the sources hold none. */
export async function faultNames(): Promise<readonly string[]> {
  const files = await readdir(patches);
  return files.map((file) => file.replace(/\.patch$/, "")).sort();
}

/** Copies what `vt` is built from into `directory`, which must not exist yet. */
export async function copySources(directory: string): Promise<void> {
  await mkdir(directory);
  for (const name of ["src", "native", "scripts", "package.json", "tsconfig.json"])
    await cp(join(root, name), join(directory, name), { recursive: true });
  await symlink(join(root, "node_modules"), join(directory, "node_modules"));
}

/** Builds `vt` with one fault in a copy of the sources, and mends the copy again. Returns its path. */
export async function buildFaulty(copy: string, name: string): Promise<string> {
  const patch = join(patches, `${name}.patch`);
  await run(copy, ["git", "apply", "--unsafe-paths", "-p1", patch]);
  try {
    await run(copy, [process.execPath, "scripts/compile.ts"]);
  } finally {
    await run(copy, ["git", "apply", "--unsafe-paths", "-p1", "-R", patch]);
  }
  return join(copy, "dist/vt");
}

async function run(cwd: string, command: readonly string[]): Promise<void> {
  const child = Bun.spawn([...command], { cwd, stdio: ["ignore", "ignore", "inherit"] });
  if ((await child.exited) !== 0) throw new Error(`${command.join(" ")} failed`);
}
