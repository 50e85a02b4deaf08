import { expect, test } from "bun:test";
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { readIfPresent, removeIfPresent, writeAtomically } from "../../src/base/file.ts";
import { resolvePath } from "../../src/base/path.ts";
import { temporaryDirectory } from "../harness/temporary-directory.ts";

test("what is not there is read as undefined and removed without complaint", async () => {
  await using directory = await temporaryDirectory();
  const file = resolvePath(directory.path, "file");
  writeFileSync(file, "x");
  for (const path of [resolvePath(directory.path, "gone"), resolvePath(file, "below")]) {
    expect(readIfPresent(path)).toBeUndefined();
    removeIfPresent(path);
  }
  expect(readIfPresent(directory.path)).toBeUndefined();
});

test("a pipe that nobody writes to does not hold up a reader", async () => {
  await using directory = await temporaryDirectory();
  const pipe = resolvePath(directory.path, "pipe");
  Bun.spawnSync(["mkfifo", pipe]);
  expect(readIfPresent(pipe)?.length).toBe(0);
});

test("a link that leads to itself is an error and not a missing file", async () => {
  await using directory = await temporaryDirectory();
  const link = resolvePath(directory.path, "link");
  symlinkSync("link", link);
  expect(() => readIfPresent(link)).toThrow("ELOOP");
});

test("a file is written whole, and nothing is left beside it, also when that fails", async () => {
  await using directory = await temporaryDirectory();
  const file = resolvePath(directory.path, "a");
  writeAtomically(file, "one");
  writeAtomically(file, Buffer.from("two"));
  expect(readIfPresent(file)?.toString()).toBe("two");
  mkdirSync(resolvePath(directory.path, "d/x"), { recursive: true });
  expect(() => writeAtomically(resolvePath(directory.path, "d"), "x")).toThrow();
  expect(readdirSync(directory.path).sort()).toEqual(["a", "d"]);
});
