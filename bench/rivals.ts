import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

const directory = join(import.meta.dir, ".peers");

/** Exact, so that figures of different days can be compared. */
const manifest = {
  name: "peers",
  private: true,
  dependencies: { turbo: "2.11.11", "vite-plus": "1.5.1" },
  // vite-plus 1.5.1 asks for a version of it that was never published, and does not need it to run tasks.
  overrides: { "yuku-core": "npm:is-number@7.0.0" },
};

/** A runner that vt is compared with, as it is installed in `bench/.peers`. */
export type Rival = {
  readonly name: string;
  readonly program: string;
  /** Where its packages lie; what a workspace needs of them is linked into it. */
  readonly modules: string;
};

/** Gets the rivals from npm. Throws when npm fails. */
export async function installRivals(): Promise<void> {
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, "package.json"), JSON.stringify(manifest, null, 2));
  const flags = ["--no-audit", "--no-fund", "--loglevel=error", "--ignore-scripts"];
  const npm = Bun.spawn(["npm", "install", ...flags], {
    cwd: directory,
    stdio: ["ignore", "inherit", "inherit"],
  });
  if ((await npm.exited) !== 0) throw new Error("npm could not install the rivals");
}

/** Those that are installed. Of turbo the native program, without the Node script around it. */
export function findRivals(): readonly Rival[] {
  const modules = join(directory, "node_modules");
  const architecture = process.arch === "x64" ? "64" : process.arch;
  const native = `@turbo/${process.platform}-${architecture}/bin/turbo`;
  const rivals = [
    { name: "vp", program: join(modules, ".bin/vp"), modules },
    { name: "turbo", program: join(modules, native), modules },
  ];
  return rivals.filter(({ program }) => existsSync(program));
}

/** `name version` of each, for the head of the results. */
export function rivalVersions(rivals: readonly Rival[]): readonly string[] {
  const { "vite-plus": vp, turbo } = manifest.dependencies;
  const versions: Readonly<Record<string, string>> = {
    vp: `vite-plus ${vp}`,
    turbo: `turbo ${turbo}`,
  };
  return rivals.map(({ name }) => versions[name] ?? name);
}
