// What it takes to start executables of other platforms here, for tests: musl, the libstdc++ of Alpine
// that Bun needs there, and busybox. From Debian and PyPI into .tools/; nothing is installed.
import { existsSync } from "node:fs";
import { mkdir, readdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Target } from "./targets.ts";

const root = join(import.meta.dir, "..");

const names: Readonly<
  Record<Target["architecture"], { readonly debian: string; readonly other: string }>
> = {
  x64: { debian: "amd64", other: "x86_64" },
  arm64: { debian: "arm64", other: "aarch64" },
};

/** Where they lie as in the root of such a system; not there before `fetchForeign` was successful. */
export function foreignRoot(architecture: Target["architecture"]): string {
  return join(root, ".tools/foreign", architecture);
}

/** Whether they have been fetched. */
export function hasForeign(): boolean {
  return architectures.every((name) => existsSync(foreignRoot(name)));
}

/** Fetches them, where they are not there yet. Throws when they cannot be had. */
export async function fetchForeign(): Promise<void> {
  for (const name of architectures) await fetchFor(name);
}

const architectures = ["x64", "arm64"] as const;

async function fetchFor(architecture: Target["architecture"]): Promise<void> {
  const directory = foreignRoot(architecture);
  if (existsSync(directory)) return;
  const aside = `${directory}.new`;
  await rm(aside, { recursive: true, force: true });
  for (const name of ["lib", "usr/lib", "bin"]) {
    await mkdir(join(aside, "root", name), { recursive: true });
  }
  await takeFromDebian(architecture, aside);
  await takeFromPyPI(architecture, aside);
  await rm(directory, { recursive: true, force: true });
  await rename(join(aside, "root"), directory);
  await rm(aside, { recursive: true });
}

/** Earlier releases have a musl that cannot load what Alpine builds today. */
const release = "trixie";

async function takeFromDebian(architecture: Target["architecture"], aside: string): Promise<void> {
  const { debian, other } = names[architecture];
  const sites = run(aside, ["apt-get", "indextargets", "--format", "$(ORIGIN) $(LABEL) $(SITE)"]);
  const site = /^Debian Debian (\S+)$/m.exec(sites)?.[1];
  if (site === undefined) throw new Error("apt knows no mirror of Debian");
  for (const name of ["lists/partial", "archives/partial", "unpacked"]) {
    await mkdir(join(aside, name), { recursive: true });
  }
  const keys = "/usr/share/keyrings/debian-archive-keyring.gpg";
  await writeFile(join(aside, "sources.list"), `deb [signed-by=${keys}] ${site} ${release} main\n`);
  await writeFile(join(aside, "status"), "");
  const settings = [
    `Dir::Etc::SourceList=${aside}/sources.list`,
    "Dir::Etc::SourceParts=/dev/null",
    `Dir::State::Lists=${aside}/lists`,
    `Dir::State::Status=${aside}/status`,
    `Dir::Cache=${aside}`,
    `APT::Architectures=${debian}`,
    `APT::Architecture=${debian}`,
    "APT::Sandbox::User=",
    "Debug::NoLocking=1",
  ].flatMap((setting) => ["-o", setting]);
  run(aside, ["apt-get", "-qq", ...settings, "update"]);
  for (const name of ["musl", "busybox-static"]) {
    run(aside, ["apt-get", "-qq", ...settings, "download", name]);
    const file = (await readdir(aside)).find((entry) => entry.startsWith(`${name}_`));
    if (file === undefined) throw new Error(`apt did not bring ${name}`);
    run(aside, ["dpkg-deb", "-x", file, "unpacked"]);
  }
  const unpacked = (path: string): string => join(aside, "unpacked", path);
  const loader = `ld-musl-${other}.so.1`;
  await rename(unpacked(`usr/lib/${other}-linux-musl/libc.so`), join(aside, "root/lib", loader));
  await symlink(loader, join(aside, `root/lib/libc.musl-${other}.so.1`));
  await rename(unpacked("usr/bin/busybox"), join(aside, "root/bin/busybox"));
}

/** Wheels for musl bring their own, as it is in Alpine. */
async function takeFromPyPI(architecture: Target["architecture"], aside: string): Promise<void> {
  const platform = `musllinux_1_2_${names[architecture].other}`;
  const version = ["--only-binary=:all:", "--no-deps", "--python-version", "3.11"];
  const target = join(aside, "wheel");
  const flags = [
    "--quiet",
    "--root-user-action=ignore",
    ...version,
    "--platform",
    platform,
    "--target",
    target,
  ];
  run(aside, ["python3", "-m", "pip", "install", ...flags, "greenlet==3.2.4"]);
  const libraries = join(target, "greenlet.libs");
  for (const name of await readdir(libraries)) {
    await rename(join(libraries, name), join(aside, "root/usr/lib", name));
    if (name.startsWith("libstdc++"))
      await symlink(name, join(aside, "root/usr/lib/libstdc++.so.6"));
  }
}

function run(cwd: string, command: string[]): string {
  const { exitCode, stdout } = Bun.spawnSync(command, {
    cwd,
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (exitCode !== 0) throw new Error(`${command.join(" ")} ended with ${exitCode}`);
  return stdout.toString();
}

if (import.meta.main) await fetchForeign();
