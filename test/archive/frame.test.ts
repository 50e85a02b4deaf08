import { expect, test } from "bun:test";
import { constants, zstdCompressSync } from "node:zlib";
import { decodeOwnFrame } from "../../src/archive/frame.ts";
import { noise } from "./sandbox.ts";

const params = { [constants.ZSTD_c_compressionLevel]: 1, [constants.ZSTD_c_checksumFlag]: 1 };
const compress = (content: Uint8Array): Buffer => zstdCompressSync(content, { params });

const contents: readonly (readonly [string, Buffer])[] = [
  ["little text", Buffer.from("a little text, and a little text again")],
  ["text of some blocks", Buffer.from(Buffer.from(noise(200_000)).toString("hex"))],
  ["bytes that cannot be compressed", Buffer.from(noise(300_000))],
  ["a byte again and again", Buffer.alloc(200_000, "x")],
];

for (const [name, content] of contents)
  test(`a frame as vt writes it gives its content back: ${name}`, () => {
    expect(decodeOwnFrame(compress(content), content.length)?.equals(content)).toBe(true);
  });

test("a frame of which one bit is wrong gives nothing", () => {
  const content = Buffer.from("nothing that is wrong may come out of this text, ".repeat(9));
  const frame = compress(content);
  const found = new Set<string>();
  for (let bit = 0; bit < frame.length * 8; bit++) {
    const wrong = Buffer.from(frame);
    wrong.writeUInt8((wrong[bit >> 3] ?? 0) ^ (1 << (bit & 7)), bit >> 3);
    const decoded = decodeOwnFrame(wrong, content.length);
    // Some bits say how the content is packed, and it may be the same in another way.
    if (decoded !== undefined) found.add(decoded.toString("latin1"));
  }
  found.delete(content.toString("latin1"));
  expect([...found]).toEqual([]);
});

test("a frame that is cut, that more follows upon, or that holds another size gives nothing", () => {
  const content = Buffer.from("some text ".repeat(50));
  const frame = compress(content);
  for (let length = 0; length < frame.length; length++)
    expect(decodeOwnFrame(frame.subarray(0, length), content.length)).toBeUndefined();
  for (const rest of [Buffer.of(0), frame, compress(Buffer.alloc(0))])
    expect(decodeOwnFrame(Buffer.concat([frame, rest]), content.length)).toBeUndefined();
  expect(decodeOwnFrame(frame, content.length + 1)).toBeUndefined();
  const unchecked = zstdCompressSync(content);
  expect(decodeOwnFrame(unchecked, content.length)).toBeUndefined();
});
