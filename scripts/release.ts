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
import { signAdHoc } from "./mach-o.ts";
import { runtimeFor } from "./runtime.ts";
import { executableOf, type Target, targetNamed, targets } from "./targets.ts";

const root = join(import.meta.dir, "..");

const releaseDirectory = join(root, "dist/release");

/** What the archive of a target is called. */
export function archiveOf(target: Target): string {
  return `vt-${version}-${target.name}.${target.platform === "win32" ? "zip" : "tar.gz"}`;
}

/** Where the executable of a target is built. */
export function executableFor(target: Target): string {
  return join(releaseDirectory, target.name, executableOf(target));
}

/** Builds it, from the Bun that npm has for the target. */
export async function buildExecutable(target: Target): Promise<void> {
  const outfile = executableFor(target);
  await compile(target, { outfile, runtime: await runtimeFor(target) });
  if (target.platform === "darwin" && target.architecture === "x64")
    await writeFile(outfile, signAdHoc(await readFile(outfile), "vt"));
}

/** Builds all that people download for these targets; what lay there before goes. */
async function release(wanted: readonly Target[]): Promise<void> {
  await rm(releaseDirectory, { recursive: true, force: true });
  for (const target of wanted) await buildExecutable(target);
  const executables = wanted.map((target) => ({ target, path: executableFor(target) }));
  await archiveTargets(executables, releaseDirectory);
}

type Executable = { readonly target: Target; readonly path: string };

/** Writes an archive of each into `directory`, and their sums. */
export async function archiveTargets(
  executables: readonly Executable[],
  directory: string,
): Promise<void> {
  const sums: string[] = [];
  for (const executable of executables) {
    const name = archiveOf(executable.target);
    const bytes = await archive(executable);
    await writeFile(join(directory, name), bytes);
    sums.push(`${createHash("sha256").update(bytes).digest("hex")}  ${name}\n`);
  }
  await writeFile(join(directory, "SHA256SUMS"), sums.join(""));
}

async function archive({ target, path }: Executable): Promise<Uint8Array> {
  const files: readonly ArchivedFile[] = [
    { name: "LICENSE", bytes: await readFile(join(root, "LICENSE")), mode: 0o644 },
    { name: executableOf(target), bytes: await readFile(path), mode: 0o755 },
  ];
  return target.platform === "win32" ? zip(files) : await tarGzip(files);
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { target: { type: "string", multiple: true } } });
  await mkdir(releaseDirectory, { recursive: true });
  const wanted = values.target?.map(targetNamed) ?? targets;
  await release(wanted);
  for (const target of wanted) console.log(`dist/release/${archiveOf(target)}`);
}
