/**
 * What `lstat` said of a path, 48 bytes, little-endian, the layout of `struct vt_stamp` in
 * `native/vt.h`:
 *
 *     0  u32  0 when something is there, else the errno
 *     4  u32  st_mode
 *     8  u64  device      16  u64  inode       24  u64  size in bytes
 *    32  i64  mtime, ns   40  i64  ctime, ns   (both since the epoch)
 *
 * Two equal stamps mean an untouched file, under the racy rule of `docs/caching.md`.
 */
export type Stamp = Buffer & { readonly __stamp: never };

export const stampBytes = 48;

export function asStamp(bytes: Buffer): Stamp {
  return bytes as Stamp;
}

/** What a look at nothing gives. */
export const missingStamp: Stamp = asStamp(Buffer.from(Uint8Array.of(2, ...new Uint8Array(47))));

/** Equal to no stamp that a look can give: what it stands for has to be read again. */
export const unprovenStamp: Stamp = asStamp(Buffer.alloc(48, 0xff));

/** Stamps in an order: an array, or what is still to be taken apart. */
export type Stamps = {
  readonly length: number;
  readonly at: (index: number) => Stamp | undefined;
};

export type PathKind = "missing" | "file" | "directory" | "link" | "other";

const typeMask = 0o170000;

/** What stood at the path; whatever could not be looked at counts as missing. */
export function stampKind(stamp: Stamp): PathKind {
  if (stamp.readUInt32LE(0) !== 0) return "missing";
  switch (stamp.readUInt32LE(4) & typeMask) {
    case 0o100000:
      return "file";
    case 0o040000:
      return "directory";
    case 0o120000:
      return "link";
    default:
      return "other";
  }
}

const [notThere, noDirectory] = [2, 20]; // ENOENT, ENOTDIR

/** Whether it could not be found out what stands at the path: links that lead in a circle, no permission. */
export function isUnreachable(stamp: Stamp): boolean {
  return ![0, notThere, noDirectory].includes(stamp.readUInt32LE(0));
}

/** Permission bits, 0 to 0o7777. */
export function stampPermissions(stamp: Stamp): number {
  return stamp.readUInt32LE(4) & 0o7777;
}

export function isExecutable(stamp: Stamp): boolean {
  return (stamp.readUInt32LE(4) & 0o100) !== 0;
}

/** Size in bytes. Sizes over 2^53 lose precision, which no file system here reaches. */
export function stampSize(stamp: Stamp): number {
  return stamp.readUInt32LE(24) + stamp.readUInt32LE(28) * 2 ** 32;
}

/** Nanoseconds since the epoch. */
export function stampChangeTime(stamp: Stamp): bigint {
  return stamp.readBigInt64LE(40);
}

export function isSameStamp(a: Stamp, b: Stamp): boolean {
  return a.equals(b);
}

/** Whether file, size and time of the last write are the same; a new name of the file changes the rest. */
export function isSameContent(a: Stamp, b: Stamp): boolean {
  return a.compare(b, 0, 40, 0, 40) === 0;
}

/** Whether both name the same file or directory, whatever happened to its content since. */
export function isSameInode(a: Stamp, b: Stamp): boolean {
  return a.compare(b, 8, 24, 8, 24) === 0;
}

/** Equal for those that name the same file or directory. */
export function stampInode(stamp: Stamp): string {
  return stamp.toString("latin1", 8, 24);
}

/** Whether kind and permissions are the same; also, whether nothing is there for the same reason. */
export function isSameMode(a: Stamp, b: Stamp): boolean {
  return a.compare(b, 0, 8, 0, 8) === 0;
}
