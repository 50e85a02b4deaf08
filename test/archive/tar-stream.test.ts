import { expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { buffer } from "node:stream/consumers";
import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { extract, pack } from "tar-stream";
import { archivePath } from "../../src/archive/format.ts";
import { digestOf } from "../../src/base/digest.ts";
import { noise, Sandbox } from "./sandbox.ts";

/* Another reader and another writer of tar must agree with ours about every byte. */

const contents = [
  Buffer.alloc(0),
  Buffer.from("a"),
  Buffer.alloc(512, "b"),
  Buffer.alloc(513, "c"),
  Buffer.from(noise(1024 ** 2)),
  Buffer.from(noise(3 * 1024 ** 2 + 5)),
  Buffer.alloc(700, "d"),
];

/** Files with these contents, and a directory and a link between them, which no archive holds. */
function fill(sandbox: Sandbox): void {
  sandbox.directory("dist");
  for (const [index, content] of contents.entries()) sandbox.file(`dist/${index}`, content);
  sandbox.link("dist/3a", "3");
}

/** The names that the files have in an archive: their rows in the manifest. */
const names = ["1", "2", "3", "4", "6", "7", "8"];

test("tar-stream reads what vt has written", async () => {
  using sandbox = new Sandbox();
  fill(sandbox);
  const { archive } = await sandbox.store();
  if (archive === undefined) throw new Error("no archive");
  const tar = zstdDecompressSync(readFileSync(archivePath(sandbox.cache, archive.digest)));
  const reader = extract();
  reader.end(tar);
  const found: [string, Buffer][] = [];
  for await (const entry of reader) {
    expect(entry.header).toMatchObject({ type: "file", mode: 0o644, uid: 0, gid: 0, pax: null });
    found.push([entry.header.name, await buffer(entry)]);
  }
  expect(found.map(([name]) => name)).toEqual(names);
  expect(found.every(([, bytes], index) => contents[index]?.equals(bytes))).toBe(true);
});

test("vt restores what tar-stream has written, and would have written the same", async () => {
  using sandbox = new Sandbox();
  fill(sandbox);
  const before = sandbox.picture();
  const { manifest, archive } = await sandbox.store();
  if (archive === undefined) throw new Error("no archive");
  const writer = pack();
  for (const [index, content] of contents.entries())
    writer.entry({ name: String(names[index]), mode: 0o644, mtime: new Date(0) }, content);
  writer.finalize();
  const tar = await buffer(writer);
  const ours = zstdDecompressSync(readFileSync(archivePath(sandbox.cache, archive.digest)));
  expect(ours.equals(tar)).toBe(true);

  const theirs = zstdCompressSync(tar, { params: { [constants.ZSTD_c_checksumFlag]: 1 } });
  const reference = { digest: digestOf(theirs), size: theirs.length };
  writeFileSync(archivePath(sandbox.cache, reference.digest), theirs);
  sandbox.remove("dist");
  expect((await sandbox.restore({ manifest, archive: reference })).kind).toBe("restored");
  expect(sandbox.picture()).toEqual(before);
});

test("a small archive is the frame that zstd makes with a checksum", async () => {
  using sandbox = new Sandbox();
  sandbox.file("dist/a.js", "export {};\n".repeat(1000));
  const { archive } = await sandbox.store();
  if (archive === undefined) throw new Error("no archive");
  const frame = readFileSync(archivePath(sandbox.cache, archive.digest));
  const tar = zstdDecompressSync(frame);
  const params = { [constants.ZSTD_c_compressionLevel]: 1, [constants.ZSTD_c_checksumFlag]: 1 };
  expect(frame.equals(zstdCompressSync(tar, { params }))).toBe(true);
});
