// `npm run release:npm`: what is published on npm, as tarballs in dist/release/npm/: the package that people
// install, and one with the executable for each target. Takes the executables that `npm run release` made.
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { description, license, version } from "../package.json";
import { configJsonSchema, configTypes } from "../src/task/config-documents.ts";
import { type ArchivedFile, tarGzip } from "./archive-files.ts";
import { executableOf, type Target, targetNamed, targets } from "./targets.ts";

const root = join(import.meta.dir, "..");

/** Where `npm run release` leaves the executable of a target. */
function executableFor(target: Target): string {
  return join(root, "dist/release", target.name, executableOf(target));
}

/** A package as npm knows it. */
export type NpmPackage = {
  readonly manifest: Readonly<Record<string, unknown>> & {
    readonly name: string;
    readonly version: string;
  };
  /** Its files but for `package.json`. */
  readonly files: readonly ArchivedFile[];
};

/** The package that people install: launcher, types, schema. */
export async function mainPackage(): Promise<NpmPackage> {
  const names = ["vt.cjs", "vtr.cjs", "launch.cjs", "index.cjs", "README.md"];
  const written = names.map((name) => fileOf(name, join(root, "npm/vt-run", name)));
  return {
    manifest: {
      name: "vt-run",
      version,
      description,
      license,
      keywords: ["monorepo", "task-runner", "cache", "build", "workspaces"],
      bin: { vt: "vt.cjs", vtr: "vtr.cjs" },
      main: "./index.cjs",
      types: "./index.d.cts",
      exports: {
        ".": { types: "./index.d.cts", default: "./index.cjs" },
        "./vite-task.schema.json": "./vite-task.schema.json",
        "./package.json": "./package.json",
      },
      engines: { node: ">=18" },
      optionalDependencies: Object.fromEntries(targets.map((row) => [nameOf(row), version])),
    },
    files: [
      ...(await Promise.all(written)),
      await fileOf("LICENSE", join(root, "LICENSE")),
      textFile("index.d.cts", typesOf()),
      textFile("vite-task.schema.json", configJsonSchema()),
    ],
  };
}

/** The package of a target, with nothing but what npm has to know to choose it. */
export function platformManifest(target: Target): NpmPackage["manifest"] {
  return {
    name: nameOf(target),
    version,
    description: `The executable of vt-run for ${target.name}`,
    license,
    os: [target.platform],
    cpu: [target.architecture],
    ...(target.libc !== "system" && { libc: [target.libc] }),
    // A program inside of a zip cannot be started.
    preferUnplugged: true,
  };
}

/** Throws where `executable` has not been built. */
export async function platformPackage(
  target: Target,
  executable: string = executableFor(target),
): Promise<NpmPackage> {
  if (!(await Bun.file(executable).exists()))
    throw new Error(
      `${executable} is not there: npm run release makes it, and -- --target=<name> packs what is`,
    );
  const program = await fileOf(executableOf(target), executable);
  return {
    manifest: platformManifest(target),
    files: [{ ...program, mode: 0o755 }, await fileOf("LICENSE", join(root, "LICENSE"))],
  };
}

/** The tarball that `npm publish` takes; the same bytes for the same files. */
export async function tarballOf({ manifest, files }: NpmPackage): Promise<Uint8Array> {
  const all = [textFile("package.json", `${JSON.stringify(manifest, undefined, 2)}\n`), ...files];
  return await tarGzip(all.map((file) => ({ ...file, name: `package/${file.name}` })));
}

function nameOf({ name }: Target): string {
  return `vt-run-${name}`;
}

function typesOf(): string {
  return `${configTypes().replaceAll("ViteTaskConfig", "RunConfig")}
/** Gives the configuration back, with its type checked. */
export declare function defineConfig(config: RunConfig): RunConfig;
`;
}

async function fileOf(name: string, path: string): Promise<ArchivedFile> {
  const bytes = new Uint8Array(await readFile(path));
  return { name, bytes, mode: /^vtr?\.cjs$/.test(name) ? 0o755 : 0o644 };
}

function textFile(name: string, text: string): ArchivedFile {
  return { name, bytes: new TextEncoder().encode(text), mode: 0o644 };
}

async function pack(wanted: readonly Target[]): Promise<void> {
  const directory = join(root, "dist/release/npm");
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });
  const makers = [mainPackage, ...wanted.map((target) => () => platformPackage(target))];
  for (const make of makers) {
    const made = await make();
    const name = `${made.manifest.name}-${version}.tgz`;
    const bytes = await tarballOf(made);
    await writeFile(join(directory, name), bytes);
    console.log(`dist/release/npm/${name}, ${(bytes.length / 2 ** 20).toFixed(1)} MiB`);
  }
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { target: { type: "string", multiple: true } } });
  await pack(values.target?.map(targetNamed) ?? targets);
}
