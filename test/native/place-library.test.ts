import { expect, test } from "bun:test";
import { chmodSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { absolutePath } from "../../src/base/path.ts";
import { placeLibrary } from "../../src/native/place-library.ts";
import { temporaryDirectory } from "../harness/temporary-directory.ts";

test("a library that others can use where it is stays there", async () => {
  await using directory = await temporaryDirectory();
  const path = absolutePath(`${directory.path}/library.so`);
  writeFileSync(path, "x");
  expect([...placeLibrary(path, {})]).toEqual([path]);
});

test("a platform without a library has an empty file for one, and no place", async () => {
  await using directory = await temporaryDirectory();
  const path = absolutePath(`${directory.path}/library.so`);
  writeFileSync(path, "");
  expect([...placeLibrary(path, {})]).toEqual([]);
});

test("a library that cannot be preloaded from where it is goes to the first cache that can be written", async () => {
  await using directory = await temporaryDirectory();
  const { path } = directory;
  const embedded = absolutePath(`${path}/a place/vt-native-0123.so`);
  mkdirSync(`${path}/a place`);
  writeFileSync(embedded, "content");
  writeFileSync(`${path}/no-directory`, "");
  const environment = {
    XDG_CACHE_HOME: `${path}/no-directory`,
    HOME: path,
    XDG_RUNTIME_DIR: `${path}/with:colon`,
    TMPDIR: `${path}/temporary`,
  };
  const [first, second] = placeLibrary(embedded, environment);
  expect(first).toBe(absolutePath(`${path}/.cache/vt/native/vt-native-0123.so`));
  expect(second).toStartWith(`${path}/temporary/vt-`);
  expect(statSync(first ?? "").mode & 0o777).toBe(0o755);
});

test("a directory that others can write to is not trusted", async () => {
  await using directory = await temporaryDirectory();
  const { path } = directory;
  const embedded = absolutePath(`${path}/a place/vt-native-0123.so`);
  mkdirSync(`${path}/a place`);
  writeFileSync(embedded, "content");
  mkdirSync(`${path}/.cache/vt/native`, { recursive: true });
  chmodSync(`${path}/.cache/vt/native`, 0o777);
  const [first] = placeLibrary(embedded, { HOME: path, TMPDIR: `${path}/temporary` });
  expect(first).toStartWith(`${path}/temporary/vt-`);
});

test("nor is one in a directory that others can write to: they could put another in its place", async () => {
  await using directory = await temporaryDirectory();
  const { path } = directory;
  const embedded = absolutePath(`${path}/a place/vt-native-0123.so`);
  const shared = `${path}/shared/vt-${process.getuid?.()}`;
  for (const made of [`${path}/a place`, `${shared}/native`]) mkdirSync(made, { recursive: true });
  writeFileSync(embedded, "content");
  const place = () =>
    placeLibrary(embedded, { XDG_RUNTIME_DIR: `${path}/own`, TMPDIR: `${path}/shared` });
  expect([...place()][1]).toStartWith(shared);
  chmodSync(shared, 0o777);
  expect([...place()].some((found) => found.startsWith(shared))).toBe(false);
});
