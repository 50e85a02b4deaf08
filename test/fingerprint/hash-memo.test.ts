import { expect, test } from "bun:test";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { resolvePath } from "../../src/base/path.ts";
import { hashFile } from "../../src/fingerprint/hash-file.ts";
import { HashMemo } from "../../src/fingerprint/hash-memo.ts";
import { statBatch } from "../../src/native/stat.ts";
import { temporaryDirectory } from "../harness/temporary-directory.ts";

test("many files get the hashes at once that they get one by one", async () => {
  await using directory = await temporaryDirectory();
  const paths = Array.from({ length: 5000 }, (_, index) => {
    const path = resolvePath(directory.path, `${index}-é`);
    writeFileSync(path, `${index}`.repeat(1 + (index % 700)));
    return path;
  });
  const files = stamped(paths);
  const hashes = new HashMemo(Date.now).hashMany(files);
  expect(hashes.size).toBe(paths.length);
  for (const path of paths) expect(hashes.get(path)).toBe(hashFile(path) ?? -1n);
});

test("what is large, empty, no file or not as it was is left to be read by itself", async () => {
  await using directory = await temporaryDirectory();
  const at = (name: string) => resolvePath(directory.path, name);
  writeFileSync(at("small"), "small");
  writeFileSync(at("large"), Buffer.alloc(70_000));
  writeFileSync(at("empty"), "");
  writeFileSync(at("changed"), "as it was");
  mkdirSync(at("directory"));
  symlinkSync("small", at("link"));
  const names = ["small", "large", "empty", "changed", "directory", "link", "missing"];
  const files = stamped(names.map(at));
  writeFileSync(at("changed"), "as it is now");
  const hashes = new HashMemo(Date.now).hashMany(files);
  expect([...hashes.keys()]).toEqual([at("small")]);
});

function stamped(paths: readonly ReturnType<typeof resolvePath>[]) {
  return statBatch(paths).map((stamp, index) => ({ path: paths[index] ?? fail(), stamp }));
}

function fail(): never {
  throw new Error("a batch has a stamp for each path");
}
