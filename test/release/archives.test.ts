// What people download: the same bytes whenever and wherever it is built, and readable by common tools.
import { expect, setDefaultTimeout, test } from "bun:test";
import { createHash } from "node:crypto";
import { cp, readFile, symlink, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { type ArchivedFile, tarGzip, zip } from "../../scripts/archive-files.ts";
import { archiveOf, archiveTargets } from "../../scripts/release.ts";
import { targetNamed, targets } from "../../scripts/targets.ts";
import { temporaryDirectory } from "../harness/temporary-directory.ts";
import { patience } from "../harness/vt.ts";

setDefaultTimeout(patience);

const files: readonly ArchivedFile[] = [
  { name: "LICENSE", bytes: Buffer.from("text\n"), mode: 0o644 },
  { name: "vt", bytes: Buffer.from("program\n".repeat(100_000)), mode: 0o755 },
];

async function read(command: readonly string[], cwd: string): Promise<string> {
  const child = Bun.spawn([...command], { cwd, stdio: ["ignore", "pipe", "inherit"] });
  const text = await new Response(child.stdout).text();
  expect(await child.exited).toBe(0);
  return text;
}

test("tar unpacks what was packed, with its permissions", async () => {
  await using directory = await temporaryDirectory();
  await writeFile(join(directory.path, "vt.tar.gz"), await tarGzip(files));
  const list = await read(["tar", "-tvzf", "vt.tar.gz", "--numeric-owner"], directory.path);
  expect(list).toMatch(
    /^-rw-r--r-- 0\/0 +5 1980-01-01 .* LICENSE\n-rwxr-xr-x 0\/0 +800000 .* vt\n$/,
  );
  await read(["tar", "-xzf", "vt.tar.gz"], directory.path);
  for (const { name, bytes } of files)
    expect((await readFile(join(directory.path, name))).equals(bytes)).toBe(true);
});

test.skipIf(Bun.which("python3") === null)(
  "another zip unpacks what was packed, with its permissions (needs python3)",
  async () => {
    await using directory = await temporaryDirectory();
    await writeFile(join(directory.path, "vt.zip"), zip(files));
    const program = `
import zipfile
with zipfile.ZipFile("vt.zip") as file:
    assert file.testzip() is None
    for entry in file.infolist():
        print(entry.filename, oct(entry.external_attr >> 16), entry.date_time[:3])
    file.extractall()`;
    expect(await read(["python3", "-c", program], directory.path)).toBe(
      "LICENSE 0o100644 (1980, 1, 1)\nvt 0o100755 (1980, 1, 1)\n",
    );
    for (const { name, bytes } of files)
      expect((await readFile(join(directory.path, name))).equals(bytes)).toBe(true);
  },
);

test("sha256sum agrees with SHA256SUMS about archives of every platform", async () => {
  await using directory = await temporaryDirectory();
  const executables = await Promise.all(
    targets.map(async (target) => {
      const path = join(directory.path, target.name);
      await writeFile(path, `program for ${target.name}`);
      return { target, path };
    }),
  );
  await archiveTargets(executables, directory.path);
  const said = await read(["sha256sum", "-c", "SHA256SUMS"], directory.path);
  expect(said).toBe(targets.map((target) => `${archiveOf(target)}: OK\n`).join(""));
  await writeFile(join(directory.path, archiveOf(targetNamed("linux-x64"))), "other");
  const child = Bun.spawn(["sha256sum", "-c", "--status", "SHA256SUMS"], { cwd: directory.path });
  expect(await child.exited).toBe(1);
});

const root = join(import.meta.dir, "../..");

test("the executable is the same wherever its sources lie", async () => {
  await using one = await temporaryDirectory();
  await using two = await temporaryDirectory();
  const digests: string[] = [];
  for (const { path } of [one, two]) {
    const copy = join(path, basename(path) + digests.length);
    for (const name of ["src", "native", "scripts", "package.json", "tsconfig.json", "schema"])
      await cp(join(root, name), join(copy, name), { recursive: true });
    await symlink(join(root, "node_modules"), join(copy, "node_modules"));
    await read([process.execPath, "scripts/compile.ts"], copy);
    digests.push(
      createHash("sha256")
        .update(await readFile(join(copy, "dist/vt")))
        .digest("hex"),
    );
  }
  expect(digests[0]).toBe(digests[1] ?? "");
});
