import { expect, test } from "bun:test";
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { type AbsolutePath, diskPath, resolvePath } from "../../src/base/path.ts";
import { decodePath } from "../../src/base/path-bytes.ts";
import { didMoveDirectory, makeFiles, readFiles } from "../../src/native/files.ts";
import { statBatch } from "../../src/native/stat.ts";
import { temporaryDirectory } from "../harness/temporary-directory.ts";

/** More than one thread's share. */
const many = 1000;

const strange = decodePath(Buffer.from([0x6e, 0xff, 0xfe]));

test("files are made with their contents and modes, whatever their names and the umask", async () => {
  await using directory = await temporaryDirectory();
  const bytes = Buffer.from("0123456789");
  const files = Array.from({ length: many }, (_, index) => ({
    name: index === 500 ? strange : `${index}`,
    mode: index % 2 === 0 ? 0o666 : 0o711,
    start: index % 10,
    size: index % 10 === 9 ? 0 : 1,
  }));
  makeFiles(directory.path, files, bytes);
  expect(readdirSync(directory.path)).toHaveLength(many);
  for (const { name, mode, start, size } of files) {
    const path = diskPath(resolvePath(directory.path, name));
    expect(statSync(path).mode & 0o7777).toBe(mode);
    expect(readFileSync(path, "utf8")).toBe(size === 0 ? "" : String(start));
  }
});

test("nothing is written over what is there, and the system's reason is thrown", async () => {
  await using directory = await temporaryDirectory();
  writeFileSync(resolvePath(directory.path, "70"), "mine");
  const files = Array.from({ length: 100 }, (_, index) => file(`${index}`));
  expect(() => makeFiles(directory.path, files, Buffer.from("x"))).toThrow("EEXIST");
  expect(readFileSync(resolvePath(directory.path, "70"), "utf8")).toBe("mine");
  const missing = resolvePath(directory.path, "none");
  expect(() => makeFiles(missing, files, Buffer.from("x"))).toThrow("ENOENT");
});

function file(name: string) {
  return { name, mode: 0o644, start: 0, size: 1 };
}

test("many files are read in one go, and one that has changed is named", async () => {
  await using directory = await temporaryDirectory();
  const paths = Array.from({ length: many }, (_, index) =>
    resolvePath(directory.path, index === 500 ? strange : String(index)),
  );
  for (const path of paths) writeFileSync(diskPath(path), "abc");
  const wanted = wantedOf(paths);
  const bytes = Buffer.alloc(3 * many);
  expect(readFiles(wanted, bytes)).toBeUndefined();
  expect(bytes.toString()).toBe("abc".repeat(many));

  const changed = resolvePath(directory.path, "700");
  writeFileSync(changed, "def");
  chmodSync(changed, 0o600);
  expect(readFiles(wanted, bytes)?.file.path).toBe(changed);
});

test("files of several directories are read, each where it lies", async () => {
  await using directory = await temporaryDirectory();
  // A directory is held from the sixteenth path in a row on.
  const row = (name: string): string[] => Array.from({ length: 20 }, (_, i) => `${name}/${i}`);
  const names = [...row("a"), ...row("b"), "a/x", "b/x", "a/y", "4", "5"];
  const paths = names.map((name) => resolvePath(directory.path, name));
  for (const name of ["a", "b"]) mkdirSync(resolvePath(directory.path, name));
  for (const [index, path] of paths.entries()) writeFileSync(path, `${100 + index}`);
  const bytes = Buffer.alloc(3 * names.length);
  expect(readFiles(wantedOf(paths), bytes)).toBeUndefined();
  expect(bytes.toString()).toBe(names.map((_, index) => 100 + index).join(""));
});

test("a file that cannot be read is named with the system's reason", async () => {
  await using directory = await temporaryDirectory();
  const path = resolvePath(directory.path, "file");
  writeFileSync(path, "abc");
  const [wanted] = wantedOf([path]);
  if (wanted === undefined) throw new Error("one file was asked for");
  const gone = { ...wanted, path: resolvePath(directory.path, "gone") };
  const trouble = readFiles([wanted, gone], Buffer.alloc(3));
  expect(trouble).toMatchObject({ file: gone, error: { code: "ENOENT" } });
});

function wantedOf(paths: readonly AbsolutePath[]) {
  const stamps = statBatch(paths);
  return paths.map((path, index) => {
    const stamp = stamps[index];
    if (stamp === undefined) throw new Error("a batch has a stamp for each path");
    return { path, stamp, start: 3 * index, size: 3 };
  });
}

test("a directory is moved to where nothing stands, and nowhere else", async () => {
  await using directory = await temporaryDirectory();
  const [from, parent] = ["from", "parent"].map((name) => resolvePath(directory.path, name));
  if (from === undefined || parent === undefined) throw new Error("two names");
  for (const path of [from, parent]) mkdirSync(path);
  writeFileSync(resolvePath(from, "file"), "");
  mkdirSync(resolvePath(parent, "empty"));
  expect(didMoveDirectory(from, parent, "empty")).toBe(false);
  chmodSync(parent, 0o2755);
  expect(didMoveDirectory(from, parent, "new")).toBe(false);
  chmodSync(parent, 0o755);
  expect(didMoveDirectory(from, parent, "new")).toBe(true);
  expect(readdirSync(resolvePath(parent, "new"))).toEqual(["file"]);
});
