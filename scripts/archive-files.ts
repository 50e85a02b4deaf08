// Archives whose bytes depend on nothing but names and contents: no time, no owner, no umask.
import { crc32 } from "node:zlib";
import { pack } from "tar-stream";

export type ArchivedFile = {
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly mode: number;
};

/** The earliest time that a zip can name: 1980-01-01, in milliseconds since the epoch. */
const earliestMs = Date.UTC(1980);
/** The same as zip counts days: years since 1980 above months and days. */
const earliestDosDate = (1 << 5) | 1;

/** A tar, compressed with gzip, of files in the given order. */
export async function tarGzip(files: readonly ArchivedFile[]): Promise<Uint8Array> {
  const tar = pack();
  for (const { name, bytes, mode } of files) {
    const owner = { uid: 0, gid: 0, uname: "root", gname: "root" };
    tar.entry({ name, mode, mtime: new Date(earliestMs), ...owner }, Buffer.from(bytes));
  }
  tar.finalize();
  const parts: Buffer[] = [];
  for await (const part of tar) parts.push(part as Buffer);
  return Bun.gzipSync(Buffer.concat(parts), { level: 9, library: "libdeflate" });
}

/** A zip of files in the given order, for systems that have no tar. Smaller than 4 GiB. */
export function zip(files: readonly ArchivedFile[]): Uint8Array {
  const locals: Buffer[] = [];
  const entries: Buffer[] = [];
  let offset = 0;
  for (const file of files) {
    const compressed = Bun.deflateSync(file.bytes, { level: 9, library: "libdeflate" });
    const local = localHeader(file, compressed.length);
    locals.push(local, Buffer.from(compressed));
    entries.push(centralHeader(file, local, offset));
    offset += local.length + compressed.length;
  }
  const directory = Buffer.concat(entries);
  return Buffer.concat([...locals, directory, zipEnd(files.length, directory.length, offset)]);
}

const localBytes = 30;
const centralBytes = 46;
/** Of the format: the first with directories and deflate. */
const version = 20;
const deflated = 8;
const madeOnUnix = 3;
const regularFile = 0o100000;

function localHeader({ name, bytes }: ArchivedFile, compressedLength: number): Buffer {
  const header = Buffer.alloc(localBytes);
  header.write("PK\x03\x04", "latin1");
  header.writeUInt16LE(version, 4);
  header.writeUInt16LE(deflated, 8);
  header.writeUInt16LE(earliestDosDate, 12);
  header.writeUInt32LE(crc32(bytes), 14);
  header.writeUInt32LE(compressedLength, 18);
  header.writeUInt32LE(bytes.length, 22);
  header.writeUInt16LE(Buffer.byteLength(name), 26);
  return Buffer.concat([header, Buffer.from(name)]);
}

function centralHeader({ name, mode }: ArchivedFile, local: Buffer, offset: number): Buffer {
  const header = Buffer.alloc(centralBytes);
  header.write("PK\x01\x02", "latin1");
  header.writeUInt8(version, 4);
  header.writeUInt8(madeOnUnix, 5);
  // From the version on, both headers say the same.
  local.copy(header, 6, 4, localBytes);
  header.writeUInt32LE(((regularFile | mode) << 16) >>> 0, 38);
  header.writeUInt32LE(offset, 42);
  return Buffer.concat([header, Buffer.from(name)]);
}

function zipEnd(count: number, directoryBytes: number, directoryOffset: number): Buffer {
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", "latin1");
  end.writeUInt16LE(count, 8);
  end.writeUInt16LE(count, 10);
  end.writeUInt32LE(directoryBytes, 12);
  end.writeUInt32LE(directoryOffset, 16);
  return end;
}
