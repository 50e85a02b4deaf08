import { expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { signAdHoc } from "../../scripts/mach-o.ts";

const [codeAt, codeBytes] = [8192, 10_001];

/** An executable of two segments, with what was somebody's signature at its end. */
function sample(): Buffer {
  const bytes = Buffer.alloc(codeBytes + 100, 7);
  bytes.fill(0, 0, 512);
  bytes.writeUInt32LE(0xfeedfacf, 0);
  bytes.writeUInt32LE(3, 16);
  let at = 32;
  for (const { name, start } of [
    { name: "__TEXT", start: 0 },
    { name: "__LINKEDIT", start: codeAt },
  ]) {
    bytes.writeUInt32LE(0x19, at);
    bytes.writeUInt32LE(72, at + 4);
    bytes.write(name, at + 8, "latin1");
    bytes.writeBigUInt64LE(BigInt(start), at + 40);
    bytes.writeBigUInt64LE(BigInt(name === "__TEXT" ? codeAt : bytes.length - codeAt), at + 48);
    at += 72;
  }
  for (const [index, value] of [0x1d, 16, codeBytes, 100].entries())
    bytes.writeUInt32LE(value, at + index * 4);
  return bytes;
}

test("a signed executable for macOS has a digest of each of its pages, its header included", () => {
  const signed = signAdHoc(sample(), "vt");
  const blob = signed.subarray(codeBytes);
  expect(blob.readUInt32BE(0)).toBe(0xfade0cc0);
  expect(blob.readUInt32BE(4)).toBe(blob.length);
  const directory = blob.subarray(blob.readUInt32BE(16));
  expect(directory.readUInt32BE(4)).toBe(directory.length);
  expect(directory.readUInt32BE(32)).toBe(codeBytes);
  expect(directory.toString("latin1", directory.readUInt32BE(20)).startsWith("vt\0")).toBe(true);
  const pages = [0, 4096, 8192].map((start) =>
    signed.subarray(start, Math.min(start + 4096, codeBytes)),
  );
  const digests = pages.map((page) => createHash("sha256").update(page).digest());
  expect(directory.readUInt32BE(28)).toBe(pages.length);
  expect(directory.subarray(directory.readUInt32BE(16)).equals(Buffer.concat(digests))).toBe(true);
});

test("its last segment and its load command reach to the end of the signature", () => {
  const signed = signAdHoc(sample(), "vt");
  const [linkEdit, signature] = [32 + 72, 32 + 2 * 72];
  expect(signed.readUInt32LE(signature + 8) + signed.readUInt32LE(signature + 12)).toBe(
    signed.length,
  );
  expect(Number(signed.readBigUInt64LE(linkEdit + 48)) + codeAt).toBe(signed.length);
  expect(signed.readBigUInt64LE(linkEdit + 32) % 4096n).toBe(0n);
});

test("what is signed twice is as signed once", () => {
  const once = signAdHoc(sample(), "vt");
  expect(signAdHoc(once, "vt").equals(once)).toBe(true);
});

test("what is no executable for macOS is refused", () => {
  expect(() => signAdHoc(Buffer.alloc(64), "vt")).toThrow("no executable for macOS");
});
