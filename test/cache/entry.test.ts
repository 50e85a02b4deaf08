import { expect, test } from "bun:test";
import { DamagedBytes } from "../../src/base/bytes.ts";
import { digestOf } from "../../src/base/digest.ts";
import { workspacePath } from "../../src/base/path.ts";
import { decodePath } from "../../src/base/path-bytes.ts";
import { decodeText, encodeText } from "../../src/cache/captured-text.ts";
import {
  decodeEntry,
  type EntryContent,
  encodeEntry,
  entryIdentity,
} from "../../src/cache/entry.ts";
import { seal, unseal } from "../../src/cache/seal.ts";
import { asStamp, missingStamp, unprovenStamp } from "../../src/native/stamp.ts";

const odd = workspacePath(decodePath(Uint8Array.of(0x61, 0xff, 0x0a, 0xc3, 0xa9)));
const stamp = asStamp(Buffer.from(Array.from({ length: 48 }, (_, index) => index)));

const entry = {
  declared: [
    {
      path: workspacePath("src/a.ts"),
      state: { kind: "file", hash: 2n ** 64n - 1n, isExecutable: true },
      tolerance: "exact",
      stamp,
    },
  ],
  inferred: [
    { path: odd, state: { kind: "missing" }, tolerance: "exact", stamp: missingStamp },
    {
      path: workspacePath("src"),
      state: {
        kind: "listing",
        entries: new Map([
          ["a.ts", "file"],
          ["b", "link"],
        ]),
      },
      tolerance: "may-be-missing",
      stamp,
    },
    {
      path: workspacePath("link"),
      state: { kind: "link", target: "../elsewhere" },
      tolerance: "own-work",
      stamp,
    },
  ],
  items: [
    {
      programs: [{ name: "node", hash: 7n }],
      asked: {
        singles: [
          { name: "A", value: digestOf("") },
          { name: "B", value: undefined },
        ],
        queries: [
          { query: { kind: "glob", pattern: "C_*" }, matches: [["C_1", digestOf("1")]] },
          { query: { kind: "prefix", prefix: "" }, matches: [] },
        ],
      },
      durationMs: 1234,
    },
    { programs: [], asked: { singles: [], queries: [] }, durationMs: 5 },
  ],
  manifest: [
    { kind: "directory", path: workspacePath("dist"), mode: 0o755 },
    { kind: "file", path: workspacePath("dist/a"), mode: 0o644, size: 3, digest: digestOf("abc") },
    { kind: "link", path: workspacePath("dist/b"), target: "a" },
  ],
  outputStamps: [stamp, stamp, unprovenStamp],
  created: new Set([workspacePath("dist/a")]),
  kept: new Set([workspacePath("dist/b")]),
  archive: { digest: digestOf("archive"), size: 2 ** 40 },
} satisfies EntryContent;

test("an entry comes back from its bytes as it was", () => {
  const stored = decodeEntry(encodeEntry(entry));
  const { outputStamps, bytes, ...rest } = stored;
  expect(bytes).toEqual(encodeEntry(entry));
  expect<EntryContent>({
    ...rest,
    inferred: [...stored.inferred],
    outputStamps: entry.outputStamps.map((_, index) => outputStamps.at(index) ?? missingStamp),
    created: new Set(stored.created),
  }).toEqual(entry);
  expect(outputStamps.length).toBe(entry.outputStamps.length);
  for (const index of [-1, outputStamps.length]) expect(outputStamps.at(index)).toBeUndefined();
  expect(encodeEntry(stored).equals(encodeEntry(entry))).toBe(true);
});

test("an entry that is cut short anywhere is damaged, and never something else", () => {
  const bytes = encodeEntry(entry);
  for (let length = 0; length < bytes.length; length += 1)
    expect(() => decodeEntry(bytes.subarray(0, length))).toThrow(DamagedBytes);
});

test("stamps are no part of an entry's identity, states are", () => {
  const restamped = {
    ...entry,
    inferred: entry.inferred.map((condition) => ({ ...condition, stamp: unprovenStamp })),
  };
  expect(entryIdentity(restamped)).toBe(entryIdentity(entry));
  expect(entryIdentity({ ...entry, items: entry.items.slice(0, 1) })).not.toBe(
    entryIdentity(entry),
  );
});

test("captured text keeps every byte, its order and its stream", () => {
  const chunks = [
    { stream: "stdout", bytes: Buffer.from([0, 255, 10]) },
    { stream: "stderr", bytes: Buffer.from("é") },
    { stream: "stdout", bytes: Buffer.alloc(100_000, "text\r\n") },
  ] as const;
  const [first, again = []] = decodeText(encodeText([[], chunks]));
  expect(first).toEqual([]);
  expect(again.map(({ stream }) => stream)).toEqual(["stdout", "stderr", "stdout"]);
  for (const [index, { bytes }] of again.entries())
    expect(Buffer.from(bytes).equals(chunks[index]?.bytes ?? Buffer.alloc(0))).toBe(true);
});

test("a sealed record that has changed or moved is damaged", () => {
  const sealed = seal("owner", Buffer.from("record"));
  expect(unseal("owner", sealed).toString()).toBe("record");
  expect(() => unseal("other", sealed)).toThrow(DamagedBytes);
  for (let bit = 0; bit < sealed.length * 8; bit += 1) {
    const flipped = Buffer.from(sealed);
    flipped.writeUInt8(flipped.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
    expect(() => unseal("owner", flipped)).toThrow(DamagedBytes);
  }
});
