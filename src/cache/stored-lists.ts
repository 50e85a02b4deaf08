import { ByteReader, DamagedBytes } from "../base/bytes.ts";
import { type WorkspacePath, workspacePath } from "../base/path.ts";
import { asStamp, type Stamp, type Stamps, stampBytes } from "../native/stamp.ts";

/* Lists of a record that are mostly written back as they are, or asked for an item or two. */

/** Of a piece of so many bytes, how many tell its length. */
const lengthBytes = 1;

/** What a stamp takes up in a record. */
export const storedStampBytes = lengthBytes + stampBytes;

/** Stamps as a record has them. */
export class StoredStamps implements Stamps {
  readonly #bytes: Buffer;
  readonly length: number;

  private constructor(bytes: Buffer, length: number) {
    this.#bytes = bytes;
    this.length = length;
  }

  /** Reads the list that comes next. Throws `DamagedBytes` when it is none of stamps. */
  static read(input: ByteReader): StoredStamps {
    const length = input.count();
    const bytes = input.take(length * storedStampBytes);
    for (let at = 0; at < bytes.length; at += storedStampBytes)
      if (bytes[at] !== stampBytes) throw new DamagedBytes("not a stamp");
    return new StoredStamps(bytes, length);
  }

  at(index: number): Stamp | undefined {
    if (index < 0 || index >= this.length) return undefined;
    const start = index * storedStampBytes + lengthBytes;
    return asStamp(this.#bytes.subarray(start, start + stampBytes));
  }
}

/** Paths as a record has them. */
export class StoredPaths implements Iterable<WorkspacePath> {
  readonly #bytes: Buffer;
  readonly #count: number;

  private constructor(bytes: Buffer, count: number) {
    this.#bytes = bytes;
    this.#count = count;
  }

  /** Reads the list that comes next. Throws `DamagedBytes` when it is cut short. */
  static read(input: ByteReader): StoredPaths {
    const count = input.count();
    const rest = input.rest();
    const start = input.position;
    for (let index = 0; index < count; index++) input.skipPiece();
    return new StoredPaths(rest.subarray(0, input.position - start), count);
  }

  *[Symbol.iterator](): Generator<WorkspacePath, void, undefined> {
    const input = new ByteReader(this.#bytes);
    for (let index = 0; index < this.#count; index++) yield workspacePath(input.text());
  }
}
