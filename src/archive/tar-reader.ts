import { type Digest, DigestStream, digestOf } from "../base/digest.ts";
import {
  blockBytes,
  endBytes,
  entryBytes,
  type FileRow,
  paddingOf,
  wrongHeader,
} from "./format.ts";
import type { FileEntry } from "./manifest.ts";
import { pieceBytes } from "./read-file.ts";

/** The archive is to blame: the message says how it differs from what it should be. */
export class DamagedArchive extends Error {}

/** A file of the archive that lies whole in some bytes. */
export type WholeFile = {
  readonly row: number;
  readonly entry: FileEntry;
  readonly start: number;
};

/** Takes what is in an archive. What it throws ends the reading. */
export type FileSink = {
  readonly wants: (row: number) => boolean;
  /** Files whose contents are parts of `bytes`, which are used again afterwards. */
  readonly takeFiles: (files: readonly WholeFile[], bytes: Buffer) => void;
  /** The next part of a file that is larger than a piece; the first one makes it. */
  readonly takePiece: (row: number, piece: Buffer) => void;
  /** All of a large file has been given, and it is as its row says. */
  readonly finishFile: (row: number, entry: FileEntry) => void;
  /** When all that has been taken until now is written. */
  readonly written: () => Promise<void>;
};

type LargeFile = {
  readonly row: number;
  readonly entry: FileEntry;
  readonly digest: DigestStream;
  left: number;
};

const zeros = Buffer.alloc(endBytes);

/**
 * Reads a tar that holds these files of a manifest and nothing else, fed in pieces as they come. Whatever
 * differs from what the manifest says is refused with a `DamagedArchive`: a header by a single byte, a
 * content by its digest. Keeps back no more than a piece.
 */
export class TarReader {
  readonly #files: readonly FileRow[];
  readonly #sink: FileSink;
  #nextFile = 0;
  #large: LargeFile | undefined;
  /** Bytes behind a large file that belong to nothing. */
  #padding = 0;
  /** The beginning of what the next bytes go on with. */
  #rest: Buffer = Buffer.alloc(0);

  constructor(files: readonly FileRow[], sink: FileSink) {
    this.#files = files;
    this.#sink = sink;
  }

  push(chunk: Buffer): void {
    let at = 0;
    if (this.#rest.length > 0) {
      // Only what lies across is put together: the rest of the chunk is read where it is.
      at = Math.min(chunk.length, this.#unitBytes() - this.#rest.length);
      this.#rest = Buffer.concat([this.#rest, chunk.subarray(0, at)]);
      this.#read(this.#rest);
      if (this.#rest.length > 0) return;
    }
    this.#read(chunk.subarray(at));
  }

  /** To be called when there is no more. */
  finish(): void {
    if (this.#large !== undefined || this.#nextFile < this.#files.length)
      throw new DamagedArchive("it has fewer entries than there are files");
    if (!this.#rest.equals(zeros)) throw new DamagedArchive("its end is not that of a tar");
  }

  /** Takes what lies whole in `bytes`; what does not is the new rest. */
  #read(bytes: Buffer): void {
    let at = 0;
    for (let isMoving = true; isMoving; ) {
      const next = this.#readLarge(bytes, this.#readFiles(bytes, at));
      isMoving = next > at;
      at = next;
    }
    this.#rest = bytes.subarray(at);
    if (this.#nextFile === this.#files.length && this.#rest.length > endBytes)
      throw new DamagedArchive("it has more entries than there are files");
  }

  /** What has to be there before the next step can be taken. */
  #unitBytes(): number {
    const file = this.#files[this.#nextFile];
    if (file === undefined) return endBytes + 1;
    return file.entry.size > pieceBytes ? blockBytes : entryBytes(file.entry.size);
  }

  /** Takes the files that lie whole in `bytes` from `at` on; returns where the first one begins that does not. */
  #readFiles(bytes: Buffer, start: number): number {
    if (this.#large !== undefined || this.#padding > 0) return start;
    const found: WholeFile[] = [];
    let large: FileRow | undefined;
    let at = start;
    for (; at + blockBytes <= bytes.length; this.#nextFile++) {
      const file = this.#files[this.#nextFile];
      if (file === undefined) break;
      const { row, entry } = file;
      const isLarge = entry.size > pieceBytes;
      if (!isLarge && at + entryBytes(entry.size) > bytes.length) break;
      found.push({ row, entry, start: at + blockBytes });
      at += isLarge ? blockBytes : entryBytes(entry.size);
      if (!isLarge) continue;
      large = file;
      this.#nextFile++;
      break;
    }
    const other = wrongHeader(found, bytes);
    if (other !== undefined) throw new DamagedArchive(`entry ${other.row} is another one`);
    if (large !== undefined) {
      found.pop();
      this.#large = { ...large, digest: new DigestStream(), left: large.entry.size };
    }
    this.#takeFiles(found, bytes);
    return at;
  }

  #takeFiles(found: readonly WholeFile[], bytes: Buffer): void {
    const wanted = found.filter(({ row }) => this.#sink.wants(row));
    for (const file of wanted) {
      const { start, entry } = file;
      expectDigest(file, digestOf(bytes.subarray(start, start + entry.size)));
    }
    if (wanted.length > 0) this.#sink.takeFiles(wanted, bytes);
  }

  /** Takes what `bytes` have of a large file from `at` on; returns where that ends. */
  #readLarge(bytes: Buffer, start: number): number {
    let at = start;
    const large = this.#large;
    if (large !== undefined) {
      const piece = bytes.subarray(at, at + large.left);
      at += piece.length;
      large.left -= piece.length;
      this.#takePiece(large, piece);
    }
    const skipped = Math.min(this.#padding, bytes.length - at);
    this.#padding -= skipped;
    return at + skipped;
  }

  #takePiece(large: LargeFile, piece: Buffer): void {
    const { row, entry, digest, left } = large;
    const isWanted = this.#sink.wants(row);
    if (isWanted && piece.length > 0) {
      digest.update(piece);
      this.#sink.takePiece(row, piece);
    }
    if (left > 0) return;
    if (isWanted) {
      expectDigest(large, digest.finish());
      this.#sink.finishFile(row, entry);
    }
    this.#large = undefined;
    this.#padding = paddingOf(entry.size);
  }
}

function expectDigest({ row, entry }: FileRow, digest: Digest): void {
  if (digest !== entry.digest)
    throw new DamagedArchive(`the content of entry ${row} has another digest`);
}
