import { cp, mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { type PlantedFault, plantedFaults } from "./planted-faults.ts";

const root = join(import.meta.dir, "../..");

/** Copies what `vt` is built from into `directory`, which must not exist yet. */
export async function copySources(directory: string): Promise<void> {
  await mkdir(directory);
  for (const name of ["src", "native", "scripts", "package.json", "tsconfig.json"])
    await cp(join(root, name), join(directory, name), { recursive: true });
  await symlink(join(root, "node_modules"), join(directory, "node_modules"));
}

/** Builds `vt` with one fault in a copy of the sources, and mends the copy again. Returns its path. */
export async function buildFaulty(copy: string, name: string): Promise<string> {
  const fault = plantedFaults[name];
  if (fault === undefined) throw new Error(`there is no fault ${name}`);
  const file = join(copy, fault.file);
  const sound = await Bun.file(file).text();
  await Bun.write(file, plant(sound, fault));
  try {
    const child = Bun.spawn([process.execPath, "scripts/compile.ts"], {
      cwd: copy,
      stdio: ["ignore", "ignore", "inherit"],
    });
    if ((await child.exited) !== 0) throw new Error(`vt with the fault ${name} cannot be built`);
  } finally {
    await Bun.write(file, sound);
  }
  return join(copy, "dist/vt");
}

/** Throws where the fault does not fit the text any more. */
export function plant(text: string, { file, from, to }: PlantedFault): string {
  const [before, after, ...more] = text.split(from);
  if (before === undefined || after === undefined || more.length > 0)
    throw new Error(`${file} does not have exactly once: ${from}`);
  return before + to + after;
}
