import { expect, test } from "bun:test";
import { lstatSync, readdirSync, statSync, utimesSync } from "node:fs";
import { workspacePath } from "../../src/base/path.ts";
import { decodePath } from "../../src/base/path-bytes.ts";
import { noise, Sandbox } from "./sandbox.ts";

/** Restores an emptied workspace and expects what was there before. */
async function expectRoundTrip(sandbox: Sandbox): Promise<void> {
  const before = sandbox.picture();
  const surroundings = sandbox.surroundings();
  const stored = await sandbox.store();
  const names = readdirSync(sandbox.root, { encoding: "buffer" }).map(decodePath);
  for (const name of names) sandbox.remove(name);
  const paths = Object.keys(before).map(workspacePath);
  expect(await sandbox.restore(stored)).toEqual({ kind: "restored", paths, edited: [] });
  expect(sandbox.picture()).toEqual(before);
  const archives = stored.archive === undefined ? [] : [`${stored.archive.digest}.tar.zst`];
  expect(Object.keys(sandbox.surroundings())).toEqual([...Object.keys(surroundings), ...archives]);
}

test("files, directories and links come back as they were, with their modes", async () => {
  using sandbox = new Sandbox();
  sandbox.file("dist/index.js", "export {};\n");
  sandbox.file("dist/secret", "s", 0o600);
  sandbox.file("dist/read-only", "r", 0o444);
  sandbox.file("dist/run", "#!/bin/sh\n", 0o755);
  sandbox.file("dist/open", "", 0o777);
  sandbox.directory("dist/empty", 0o711);
  sandbox.file("dist/sealed/inside", "i");
  sandbox.directory("dist/sealed", 0o555);
  sandbox.link("dist/current", "index.js");
  sandbox.link("dist/up", "../dist/sealed");
  sandbox.link("dist/dangling", "not/there");
  sandbox.link("to-dist", "dist");
  await expectRoundTrip(sandbox);
});

test("a name is any bytes but slash and NUL", async () => {
  using sandbox = new Sandbox();
  const latin = decodePath(Uint8Array.of(0x63, 0x61, 0x66, 0xe9));
  const names = [
    latin,
    `${latin}/${decodePath(Uint8Array.of(0xff))}/x`,
    "new\nline",
    "tab\t\x1b[31m",
    "back\\slash",
    "C:..",
    "..\\up",
    "-rf",
    " ",
    "*",
    "名前",
    "e\u0301",
    "\u00e9",
    "Case",
    "case",
    "dot.",
    "...",
    "0",
    "con",
    "a".repeat(255),
    "名".repeat(85),
  ];
  for (const [index, name] of names.entries()) {
    sandbox.file(`odd${index}/${name}`, `content ${index}`);
  }
  sandbox.link("to-bytes", Buffer.of(0x63, 0xe9, 0x2f, 0xff));
  await expectRoundTrip(sandbox);
});

test("a path is as long as the operating system allows", async () => {
  using sandbox = new Sandbox();
  sandbox.file(Array(15).fill("d".repeat(200)).join("/"), "deep");
  sandbox.file(`${"s/".repeat(150)}file`, "deeper");
  await expectRoundTrip(sandbox);
});

test("a file is empty, ends at a block, or is larger than the pieces it is read in", async () => {
  using sandbox = new Sandbox();
  const sizes = [0, 1, 511, 512, 513, 1024 ** 2 - 1, 1024 ** 2, 1024 ** 2 + 1, 5_000_000];
  const bytes = noise(5_000_000);
  for (const size of sizes) sandbox.file(`size-${size}`, bytes.subarray(0, size));
  await expectRoundTrip(sandbox);
});

test("thousands of files fit into one archive", async () => {
  using sandbox = new Sandbox();
  for (let index = 0; index < 3000; index++) sandbox.file(`d${index % 50}/f${index}`, `${index}`);
  await expectRoundTrip(sandbox);
});

test("outputs without a file need no archive", async () => {
  using sandbox = new Sandbox();
  sandbox.directory("empty/inner");
  sandbox.link("link", "empty");
  expect((await sandbox.store()).archive).toBeUndefined();
  await expectRoundTrip(sandbox);
});

test("no outputs at all are a result, too", async () => {
  using sandbox = new Sandbox();
  expect(await sandbox.store()).toEqual({
    kind: "created",
    manifest: [],
    archive: undefined,
    stamps: [],
  });
  await expectRoundTrip(sandbox);
});

test("hard links come back as files of their own", async () => {
  using sandbox = new Sandbox();
  const { linkSync } = await import("node:fs");
  sandbox.file("a", "shared");
  linkSync(sandbox.at("a"), sandbox.at("b"));
  await expectRoundTrip(sandbox);
  expect(statSync(sandbox.at("a")).nlink).toBe(1);
});

test("modes above 0777 are not kept", async () => {
  using sandbox = new Sandbox();
  sandbox.file("tool", "x", 0o4755);
  sandbox.directory("shared", 0o1777);
  const stored = await sandbox.store();
  sandbox.remove("tool");
  sandbox.remove("shared");
  await sandbox.restore(stored);
  expect(sandbox.picture()).toEqual({ shared: "directory 777", tool: "file 755 x" });
});

test("a restored file is as new as its restore, whatever the umask", async () => {
  using sandbox = new Sandbox();
  sandbox.file("dist/a", "a", 0o666);
  utimesSync(sandbox.at("dist/a"), 1, 1);
  const stored = await sandbox.store();
  sandbox.remove("dist");
  const umask = process.umask(0o077);
  try {
    await sandbox.restore(stored);
  } finally {
    process.umask(umask);
  }
  const stats = lstatSync(sandbox.at("dist/a"));
  expect(stats.mode & 0o777).toBe(0o666);
  expect(stats.mtimeMs).toBeGreaterThan(1_000_000);
});
