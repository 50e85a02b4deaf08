// `npm run release`: executables for all targets, or for those that `--target=<name>` names, with
// archives of them and SHA256SUMS, in dist/release/. The same sources give the same bytes wherever
// they are built.
import { createHash } from "node:crypto";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { version } from "../package.json";
import { type ArchivedFile, tarGzip, zip } from "./archive-files.ts";
import { compile } from "./compile.ts";
import { runtimeFor } from "./runtime.ts";
import { executableOf, type Target, targetNamed, targets } from "./targets.ts";

const root = join(import.meta.dir, "..");

/** Where everything is put. */
export const releaseDirectory = join(root, "dist/release");

/** What the archive of a target is called. */
export function archiveOf(target: Target): string {
  return `vt-${version}-${target.name}.${target.platform === "win32" ? "zip" : "tar.gz"}`;
}

/** Builds the executable of a target from the Bun that npm has for it, and returns its path. */
export async function buildExecutable(target: Target): Promise<string> {
  const outfile = join(releaseDirectory, target.name, executableOf(target));
  await compile(target, { outfile, runtime: await runtimeFor(target) });
  return outfile;
}

/** Builds all that people download for these targets; what lay there before goes. */
async function release(wanted: readonly Target[]): Promise<void> {
  await rm(releaseDirectory, { recursive: true, force: true });
  const sums: string[] = [];
  for (const target of wanted) {
    const executable = await buildExecutable(target);
    const name = archiveOf(target);
    const bytes = await archive(target, executable);
    await writeFile(join(releaseDirectory, name), bytes);
    sums.push(`${createHash("sha256").update(bytes).digest("hex")}  ${name}\n`);
    console.log(`dist/release/${name}, ${(bytes.length / 2 ** 20).toFixed(0)} MiB`);
  }
  await writeFile(join(releaseDirectory, "SHA256SUMS"), sums.join(""));
}

async function archive(target: Target, executable: string): Promise<Uint8Array> {
  const files: readonly ArchivedFile[] = [
    { name: "LICENSE", bytes: await readFile(join(root, "LICENSE")), mode: 0o644 },
    { name: executableOf(target), bytes: await readFile(executable), mode: 0o755 },
  ];
  return target.platform === "win32" ? zip(files) : await tarGzip(files);
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { target: { type: "string", multiple: true } } });
  await mkdir(releaseDirectory, { recursive: true });
  await release(values.target?.map(targetNamed) ?? targets);
}
