import { expect, test } from "bun:test";
import {
  blockBytes,
  entryBytes,
  paddingOf,
  writeHeader,
  writeHeaders,
  wrongHeader,
} from "../../src/archive/format.ts";
import { outputBytesMax, outputsMax } from "../../src/archive/rules.ts";

test("many headers are what each is by itself, with zeros behind the contents and nothing else changed", () => {
  const sizes = [0, 1, 511, 512, 513, 5000];
  let length = 0;
  const entries = sizes.map((size, index) => {
    const start = length + blockBytes;
    length += entryBytes(size);
    return { row: index * 999, entry: { size }, start };
  });
  const tar = Buffer.alloc(length + 1, "x");
  const expected = Buffer.from(tar);
  for (const { row, entry, start } of entries) {
    const end = start + entry.size;
    writeHeader(expected, start - blockBytes, { row, size: entry.size });
    expected.fill(0, end, end + paddingOf(entry.size));
  }
  writeHeaders(entries, tar);
  expect(tar.equals(expected)).toBe(true);
});

test("a header with another byte is found, and no other is", () => {
  const sizes = [0, 1, 511, 512, 2 ** 20, 2 ** 32 - 1, outputBytesMax];
  const rows = [0, 9, 10, outputsMax - 1];
  const files = rows.flatMap((row) => sizes.map((size) => ({ row, size })));
  const bytes = Buffer.alloc(files.length * blockBytes);
  for (const [index, file] of files.entries()) writeHeader(bytes, index * blockBytes, file);
  const entries = files.map(({ row, size }, index) => {
    return { row, entry: { size }, start: (index + 1) * blockBytes };
  });
  expect(wrongHeader(entries, bytes)).toBeUndefined();
  for (let at = 0; at < bytes.length; at += 1) {
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    expect(wrongHeader(entries, bytes)).toBe(entries[Math.floor(at / blockBytes)]);
    bytes[at] = (bytes[at] ?? 0) ^ 1;
  }
  const [first] = entries;
  if (first === undefined) throw new Error("there are entries");
  for (const other of [
    { ...first, row: 1 },
    { ...first, entry: { size: 1 } },
  ])
    expect(wrongHeader([other], bytes)).toBe(other);
});
