import { DamagedBytes } from "../base/bytes.ts";
import { contentHash } from "../base/digest.ts";

export const sealBytes = 8;

/**
 * Puts a checksum before `bytes`, taken over them and over what they belong to, so that a record that
 * was damaged, or has moved to another row, is noticed.
 */
export function seal(owner: string, bytes: Uint8Array): Buffer {
  const sealed = Buffer.allocUnsafe(sealBytes + bytes.length);
  sealed.writeBigUInt64LE(sumOf(owner, bytes), 0);
  sealed.set(bytes, sealBytes);
  return sealed;
}

/** The bytes that were sealed. Throws `DamagedBytes` when they are not those. */
export function unseal(owner: string, sealed: Uint8Array): Buffer {
  // A column has the type of what was put into it, by whomever.
  if (!(sealed instanceof Uint8Array)) throw new DamagedBytes("record of another type");
  const all = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.length);
  if (all.length < sealBytes) throw new DamagedBytes("record cut short");
  const bytes = all.subarray(sealBytes);
  if (all.readBigUInt64LE(0) !== sumOf(owner, bytes)) throw new DamagedBytes("record damaged");
  return bytes;
}

function sumOf(owner: string, bytes: Uint8Array): bigint {
  return contentHash(bytes, contentHash(Buffer.from(owner)));
}
