import { expect, test } from "bun:test";
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { compileGlobs } from "../../src/base/glob.ts";
import { diskPath, resolvePath } from "../../src/base/path.ts";
import { walk, walkDirectories } from "../../src/base/walk.ts";
import { temporaryDirectory } from "../harness/temporary-directory.ts";
import { writeFiles } from "../workspace/write-files.ts";

const globs = (...positive: readonly string[]) => compileGlobs({ positive, negative: [] });

test("a walk finds regular files by code unit, dotfiles and `node_modules` included", async () => {
  await using directory = await temporaryDirectory();
  writeFiles(directory.path, {
    "b.ts": "",
    "a/.x/c.ts": "",
    "a.ts": "",
    "a/node_modules/d.ts": "",
    "Z.ts": "",
  });
  const found = ["Z.ts", "a.ts", "a/.x/c.ts", "a/node_modules/d.ts", "b.ts"];
  expect(walk(directory.path, globs("**/*.ts"))).toEqual(found as never);
  expect(walk(directory.path, globs("a/.x/c.ts", "gone/x", "b.ts/x"))).toEqual([
    "a/.x/c.ts",
  ] as never);
});

test("a walk neither follows nor lists links", async () => {
  await using directory = await temporaryDirectory();
  writeFiles(directory.path, { "real/a": "" });
  symlinkSync("real", resolvePath(directory.path, "link"));
  symlinkSync("real/a", resolvePath(directory.path, "file-link"));
  symlinkSync(".", resolvePath(directory.path, "real/loop"));
  expect(walk(directory.path, globs("**"))).toEqual(["real/a"] as never);
  expect(walk(directory.path, globs("link/a", "link/*"))).toEqual([]);
});

test("a walk carries names that are not UTF-8", async () => {
  await using directory = await temporaryDirectory();
  const path = resolvePath(directory.path, "\udcff/\udcfe.ts");
  mkdirSync(diskPath(resolvePath(path, "..")));
  writeFileSync(diskPath(path), "");
  expect(walk(directory.path, globs("**/*.ts"))).toEqual(["\udcff/\udcfe.ts"] as never);
});

test("a walk passes over what cannot be read", async () => {
  await using directory = await temporaryDirectory();
  writeFiles(directory.path, { "a/x": "", "b/x": "" });
  chmodSync(resolvePath(directory.path, "a"), 0);
  const isAllPowerful = process.getuid?.() === 0;
  const found = isAllPowerful ? ["a/x", "b/x"] : ["b/x"];
  expect(walk(directory.path, globs("**"))).toEqual(found as never);
  chmodSync(resolvePath(directory.path, "a"), 0o755);
});

test("a walk for directories goes into none of the names it is to skip", async () => {
  await using directory = await temporaryDirectory();
  writeFiles(directory.path, { "a/b/x": "", "a/skip/y/x": "" });
  const found = walkDirectories(directory.path, globs("**"), new Set(["skip"]));
  expect(found).toEqual(["", "a", "a/b"] as never);
});
