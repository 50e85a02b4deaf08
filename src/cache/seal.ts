import { type ByteWriter, DamagedBytes } from "../base/bytes.ts";
import { contentHash } from "../base/digest.ts";

export const sealBytes = 8;

/** Large ones with room before them for their checksum: to be sealed they need not be copied. */
const rooms = new WeakMap<Uint8Array, Buffer>();

const largeBytes = 64 * 1024;

/** What was written, ready to be sealed. */
export function finishToSeal(out: ByteWriter): Buffer {
  return behindRoom(out.finish(sealBytes));
}

function behindRoom(all: Buffer): Buffer {
  const bytes = all.subarray(sealBytes);
  if (bytes.length >= largeBytes) rooms.set(bytes, all);
  return bytes;
}

/**
 * Puts a checksum before `bytes`, taken over them and over what they belong to, so that a record that
 * was damaged, or has moved to another row, is noticed.
 */
export function seal(owner: string, bytes: Uint8Array): Buffer {
  const room = rooms.get(bytes);
  const sealed = room ?? Buffer.allocUnsafe(sealBytes + bytes.length);
  sealed.writeBigUInt64LE(sumOf(owner, bytes), 0);
  if (room === undefined) sealed.set(bytes, sealBytes);
  return sealed;
}

/** The bytes that were sealed. Throws `DamagedBytes` when they are not those. */
export function unseal(owner: string, sealed: Uint8Array): Buffer {
  // A column has the type of what was put into it, by whomever.
  if (!(sealed instanceof Uint8Array)) throw new DamagedBytes("record of another type");
  const all = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.length);
  if (all.length < sealBytes) throw new DamagedBytes("record cut short");
  const bytes = behindRoom(all);
  if (all.readBigUInt64LE(0) !== sumOf(owner, bytes)) throw new DamagedBytes("record damaged");
  return bytes;
}

function sumOf(owner: string, bytes: Uint8Array): bigint {
  return contentHash(bytes, contentHash(Buffer.from(owner)));
}
