import { expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { resolvePath } from "../../src/base/path.ts";
import { readAhead } from "../../src/native/read-ahead.ts";
import { temporaryDirectory } from "../harness/temporary-directory.ts";

test("files are read in one go, and what is not there is known to be missing", async () => {
  await using directory = await temporaryDirectory();
  const at = (name: string) => resolvePath(directory.path, name);
  writeFileSync(at("one"), "first");
  writeFileSync(at("empty"), "");
  writeFileSync(at("two"), "second");
  const files = readAhead(["one", "none", "empty", "one/below", "two"].map(at));
  const texts = [...files].map(([path, bytes]) => [path, bytes && Buffer.from(bytes).toString()]);
  expect(texts).toEqual([
    [at("one"), "first"],
    [at("none"), undefined],
    [at("empty"), ""],
    [at("one/below"), undefined],
    [at("two"), "second"],
  ]);
});

test("what cannot be read, or does not fit, is left to whoever reads it by itself", async () => {
  await using directory = await temporaryDirectory();
  const at = (name: string) => resolvePath(directory.path, name);
  mkdirSync(at("folder"));
  writeFileSync(at("large"), "x".repeat(1024 * 1024));
  writeFileSync(at("small"), "y");
  const files = readAhead(["folder", "large", "small"].map(at));
  expect([...files.keys()]).toEqual([at("small")]);
});
