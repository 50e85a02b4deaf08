import { expect, test } from "bun:test";
import { ByteReader, ByteWriter } from "../../src/base/bytes.ts";
import { decodePath } from "../../src/base/path-bytes.ts";

/** Text of one, two, three and four bytes a character, and what is no text. */
const texts = ["plain", "größer", "三つ", "🚀", decodePath(Buffer.from([0x61, 0xff, 0xfe])), ""];

test("what is written comes back, also where it is far more than is kept room for at a time", () => {
  for (const shift of Array.from({ length: 8 }, (_, index) => 7 * index)) {
    const out = new ByteWriter();
    const rows = Array.from({ length: 2000 }, (_, index) => ({
      number: index * 2 ** (index % 40),
      text: (texts[index % texts.length] ?? "").repeat(1 + (index % 90)),
      bytes: Buffer.alloc(index === 1000 ? 70_000 : index % 60, index),
      hash: BigInt(index) << 40n,
    }));
    out.bytes(Buffer.alloc(shift));
    out.list(rows, (row) => out.number(row.number).text(row.text).bytes(row.bytes).hash(row.hash));
    const input = new ByteReader(out.finish());
    expect(input.bytes()).toHaveLength(shift);
    const read = input.list(() => ({
      number: input.number(),
      text: input.text(),
      bytes: input.bytes(),
      hash: input.hash(),
    }));
    expect(input.isAtEnd()).toBe(true);
    expect(read).toEqual(rows);
  }
});
