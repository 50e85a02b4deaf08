import { ByteReader, ByteWriter } from "../base/bytes.ts";

/** What an item printed, in the order in which it did. */
export type CapturedChunk = { readonly stream: "stdout" | "stderr"; readonly bytes: Uint8Array };

/** In the order of their numbers in what is stored. */
export const streams = ["stdout", "stderr"] as const;

/** Below this, compressing costs more than it saves. */
const compressFromBytes = 512;

/** The chunks of each item → bytes, compressed where that is worth it. */
export function encodeText(items: readonly (readonly CapturedChunk[])[]): Buffer {
  const out = new ByteWriter();
  out.list(items, (chunks) =>
    out.list(chunks, ({ stream, bytes }) => out.number(streams.indexOf(stream)).bytes(bytes)),
  );
  const plain = out.finish();
  const isCompressed = plain.length >= compressFromBytes;
  const body = isCompressed ? Bun.zstdCompressSync(plain, { level: 1 }) : plain;
  return new ByteWriter()
    .number(isCompressed ? 1 : 0)
    .bytes(body)
    .finish();
}

/** Throws `DamagedBytes` when the bytes are not those of a text. */
export function decodeText(bytes: Uint8Array): CapturedChunk[][] {
  const envelope = new ByteReader(bytes);
  const isCompressed = envelope.number() === 1;
  const body = envelope.bytes();
  const input = new ByteReader(isCompressed ? Bun.zstdDecompressSync(body) : body);
  return input.list(() =>
    input.list(() => ({ stream: input.choice(streams), bytes: input.bytes() })),
  );
}
