// The script that the devcontainer Feature and the GitHub Action run, in systems of their own: a Debian that
// debootstrap made, and one with nothing but musl, busybox and what vt is linked against.
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync } from "node:fs";
import { chmod, copyFile, cp, mkdir, readdir, rename, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { version } from "../../package.json";
import { foreignRoot, hasForeign } from "../../scripts/foreign.ts";
import { executableFor } from "../../scripts/release.ts";
import { hostTarget, targetNamed } from "../../scripts/targets.ts";
import { canMount, unshare } from "../harness/abilities.ts";
import { openReleases, type ReleaseServer } from "../harness/release-server.ts";
import { type TemporaryDirectory, temporaryDirectory } from "../harness/temporary-directory.ts";
import { patience, vtPath } from "../harness/vt.ts";

setDefaultTimeout(patience);

const feature = join(import.meta.dir, "../../devcontainer/src/vt");
const host = hostTarget();
const musl = targetNamed(`linux-${host.architecture}-musl`);

const missing = [
  { name: "root", isMet: process.getuid?.() === 0 },
  { name: "mount", isMet: canMount() },
  { name: "debootstrap", isMet: Bun.which("debootstrap") !== null },
  { name: "programs of other systems", isMet: hasForeign() },
].find(({ isMet }) => !isMet);
const testHere = test.skipIf(missing !== undefined);
const needs = missing === undefined ? "" : ` (needs ${missing.name})`;

let releases: ReleaseServer;

beforeAll(async () => {
  if (missing !== undefined) return;
  const executables = { [host.name]: vtPath, [musl.name]: executableFor(musl) };
  releases = await openReleases(executables);
});

afterAll(async () => {
  if (missing === undefined) await releases[Symbol.asyncDispose]();
});

type System = AsyncDisposable & {
  readonly root: string;
  /** Runs a command there, as root or as somebody else. */
  readonly run: (
    user: "0:0" | "1000:1000",
    script: string,
    variables?: Readonly<Record<string, string>>,
  ) => Promise<{ exitCode: number; text: string }>;
};

function enter(directory: TemporaryDirectory): System {
  const root = directory.path;
  return {
    root,
    run: async (user, script, variables = {}) => {
      const command = ["sh", join(import.meta.dir, "enter-as.sh"), root, user, "/bin/sh", "-c"];
      const child = Bun.spawn([...unshare, ...command, `{ ${script}\n} 2>&1`], {
        env: { PATH: "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", HOME: "/work", ...variables },
        stdio: ["ignore", "pipe", "inherit"],
      });
      const text = await new Response(child.stdout).text();
      return { exitCode: await child.exited, text };
    },
    [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
  };
}

/** With the script in `/feature`, and a workspace that belongs to an ordinary user. */
async function furnish(root: string): Promise<void> {
  await cp(feature, join(root, "feature"), { recursive: true });
  await cp(join(import.meta.dir, "workspace"), join(root, "work"), { recursive: true });
  await writeFile(join(root, "work/source"), "text\n");
  await chmod(join(root, "work"), 0o777);
}

/** What is in every Debian, kept for the next time: as an archive, for its links lead out of any directory. */
const debianArchive = join(import.meta.dir, "../../.tools/debian.tar");

/** Its packages are unpacked and not configured, which is enough for what the script needs. */
async function makeDebian(): Promise<void> {
  await using directory = await temporaryDirectory();
  const root = directory.path;
  await succeed(["debootstrap", "--foreign", "--variant=minbase", "bookworm", root]);
  const wanted = ["bin", "sbin", "lib", "lib64", "usr", "etc"];
  const unwanted = ["--exclude=usr/share", "--exclude=usr/include"];
  await succeed(["tar", "-C", root, ...unwanted, "-cf", `${debianArchive}.new`, ...wanted]);
  await rename(`${debianArchive}.new`, debianArchive);
}

async function succeed(command: string[]): Promise<void> {
  const child = Bun.spawn(command, { stdio: ["ignore", "ignore", "inherit"] });
  if ((await child.exited) !== 0) throw new Error(`${command[0]} failed`);
}

async function openDebian(): Promise<System> {
  if (!existsSync(debianArchive)) await makeDebian();
  const directory = await temporaryDirectory();
  await succeed(["tar", "-C", directory.path, "-xf", debianArchive]);
  for (const name of ["dev", "proc", "tmp"]) await mkdir(join(directory.path, name));
  await mkdir(join(directory.path, "usr/local/bin"), { recursive: true });
  // What curl is elsewhere; the unconfigured system has neither.
  const busybox = join(foreignRoot(host.architecture), "bin/busybox");
  await copyFile(busybox, join(directory.path, "usr/bin/wget"));
  await furnish(directory.path);
  return enter(directory);
}

async function openMusl(): Promise<System> {
  const directory = await temporaryDirectory();
  const root = directory.path;
  await cp(foreignRoot(host.architecture), root, { recursive: true, verbatimSymlinks: true });
  for (const name of ["dev", "proc", "tmp"]) await mkdir(join(root, name));
  await furnish(root);
  const system = enter({ ...directory, path: root });
  await copyFile(join(root, "bin/busybox"), join(root, "bin/sh"));
  await system.run("0:0", "/bin/busybox --install /bin");
  return system;
}

async function expectInstalled(system: System, target: string): Promise<void> {
  const made = await system.run("0:0", "sh /feature/install.sh", { RELEASES: releases.url });
  expect(made).toEqual({ exitCode: 0, text: made.text });
  expect(made.text).toContain(`/releases/latest/download/vt-${version}-${target}.tar.gz`);
  expect(made.text).toContain(`vt ${version} is installed as /usr/local/bin/vt`);
  expect((await stat(join(system.root, "usr/local/bin/vt"))).mode & 0o777).toBe(0o755);
  for (const said of ["text\n", "cache hit, replaying"]) {
    const run = await system.run("1000:1000", "cd /work && vt run --cache observed");
    expect(run).toEqual({ exitCode: 0, text: expect.stringContaining(said) });
  }
}

testHere(`the Feature installs vt in Debian, and an ordinary user runs it${needs}`, async () => {
  await using system = await openDebian();
  await expectInstalled(system, host.name);
  // As in the Dockerfile of docs/docker.md: the mounted cache stays, the tree is another one.
  const build = "cp -r /work /tmp/app && cd /tmp/app && vt run --cache explicit; rm -r /tmp/app";
  const variables = { VT_CACHE_DIR: "/tmp/cache" };
  const built = await system.run(
    "1000:1000",
    `rm -rf /work/node_modules; ${build}; ${build}`,
    variables,
  );
  expect(built.text.split("cache hit, replaying").length).toBe(2);
});

testHere(
  `the Feature installs vt beside musl and busybox, and an ordinary user runs it${needs}`,
  async () => {
    await using system = await openMusl();
    await expectInstalled(system, musl.name);
    const own = await system.run("1000:1000", "sh /feature/install.sh", {
      RELEASES: releases.url,
      VERSION: version,
      CHECKSUM: releases.checksum(musl.name),
      VT_INSTALL_DIR: "/tmp/own",
    });
    expect(own).toEqual({ exitCode: 0, text: expect.stringContaining("installed as /tmp/own/vt") });
  },
);

testHere(`what was not published, or is not there, is not installed${needs}`, async () => {
  await using system = await openMusl();
  const install = async (variables: Readonly<Record<string, string>>): Promise<string> => {
    const { exitCode, text } = await system.run("0:0", "sh /feature/install.sh", variables);
    expect(exitCode).toBe(1);
    return text;
  };
  const { url: RELEASES } = releases;
  expect(await install({})).toContain("nothing says where the releases of vt are");
  expect(await install({ RELEASES, VERSION: "next" })).toContain("`next` is no version of vt");
  expect(await install({ RELEASES, VERSION: "9.9.9" })).toContain(
    "/download/v9.9.9/SHA256SUMS cannot be",
  );
  expect(await install({ RELEASES, CHECKSUM: "0" })).toContain("belongs to one version");
  const wrong = { RELEASES, VERSION: version, CHECKSUM: "0".repeat(64) };
  expect(await install(wrong)).toContain("is not what was published");
  releases.tamper();
  expect(await install({ RELEASES })).toContain("is not what was published");
  expect(existsSync(join(system.root, "usr/local/bin/vt"))).toBe(false);
  expect(await readdir(join(system.root, "tmp"))).toEqual([]);
});

test.skipIf(Bun.which("shellcheck") === null)(
  "shellcheck finds nothing in what people run (needs shellcheck)",
  async () => {
    const action = join(import.meta.dir, "../../action");
    const scripts = [
      join(feature, "install.sh"),
      join(action, "setup.sh"),
      join(action, "cache.sh"),
    ];
    const child = Bun.spawn(["shellcheck", ...scripts], {
      stdio: ["ignore", "inherit", "inherit"],
    });
    expect(await child.exited).toBe(0);
  },
);
