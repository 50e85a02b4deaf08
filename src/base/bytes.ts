import { decodePathIn, encodePath } from "./path-bytes.ts";

/** Seven bits a byte, of 53. */
const numberBytesMax = 8;

/** Of UTF-8, for a unit of UTF-16. */
const bytesPerUnitMax = 3;

/** Of what is written into, at first and at most: what is full is copied once, when all is put together. */
const firstBytes = 4096;
const mostBytes = 256 * 1024;

/** A piece of this size is copied once, when all is put together. */
const largeBytes = 64 * 1024;

/** Builds a compact byte string: LEB128 numbers and length-prefixed pieces, so no two inputs give the same bytes. */
export class ByteWriter {
  #bytes = Buffer.allocUnsafe(firstBytes);
  #length = 0;
  /** What comes before `#bytes`. */
  readonly #parts: Uint8Array[] = [];

  /** A whole number from 0 to 2^53 - 1. */
  number(value: number): this {
    let rest = value;
    this.#reserve(numberBytesMax);
    while (rest >= 0x80) {
      this.#bytes[this.#length++] = (rest % 0x80) + 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#bytes[this.#length++] = rest;
    return this;
  }

  /** 64 bits, unsigned. */
  hash(value: bigint): this {
    this.#reserve(8);
    this.#bytes.writeBigUInt64LE(value, this.#length);
    this.#length += 8;
    return this;
  }

  bytes(value: Uint8Array): this {
    return this.number(value.length).raw(value);
  }

  /** Text or a path: lone surrogates come back as they were. */
  text(value: string): this {
    this.#reserve(numberBytesMax + value.length * bytesPerUnitMax);
    const start = this.#length;
    this.number(value.length);
    const length = this.#bytes.write(value, this.#length);
    this.#length += length;
    // Anything but ASCII takes more bytes than it has units, also what stands for a lone surrogate.
    if (length === value.length) return this;
    this.#length = start;
    return this.bytes(encodePath(value));
  }

  /** What another writer has written, as it is. It must not change before all is finished. */
  raw(value: Uint8Array): this {
    if (value.length >= largeBytes) {
      this.#parts.push(this.#bytes.subarray(0, this.#length), value);
      this.#bytes = Buffer.allocUnsafe(firstBytes);
      this.#length = 0;
      return this;
    }
    this.#reserve(value.length);
    this.#bytes.set(value, this.#length);
    this.#length += value.length;
    return this;
  }

  /** The number of items, then each item. */
  list<T>(items: readonly T[], write: (item: T) => void): this {
    this.number(items.length);
    for (const item of items) write(item);
    return this;
  }

  /** With so many bytes before all, for whoever has to put something there. */
  finish(bytesBefore = 0): Buffer {
    const before = Buffer.alloc(bytesBefore);
    return Buffer.concat([before, ...this.#parts, this.#bytes.subarray(0, this.#length)]);
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#bytes.length) return;
    this.#parts.push(this.#bytes.subarray(0, this.#length));
    const next = Math.min(this.#bytes.length * 2, mostBytes);
    this.#bytes = Buffer.allocUnsafe(Math.max(next, count));
    this.#length = 0;
  }
}

/** Thrown by `ByteReader` when the bytes are not what a `ByteWriter` wrote. */
export class DamagedBytes extends Error {}

/** Reads what `ByteWriter` wrote. Every method throws `DamagedBytes` at the end of the bytes. */
export class ByteReader {
  readonly #bytes: Buffer;
  #position = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  number(): number {
    let value = 0;
    let scale = 1;
    let byte: number;
    do {
      byte = this.#bytes[this.#position] ?? this.#missingByte();
      this.#position += 1;
      value += (byte & 0x7f) * scale;
      scale *= 0x80;
      if (!Number.isSafeInteger(value)) throw new DamagedBytes("number too large");
    } while (byte >= 0x80);
    return value;
  }

  hash(): bigint {
    return this.take(8).readBigUInt64LE(0);
  }

  bytes(): Buffer {
    return this.take(this.number());
  }

  text(): string {
    const start = this.#advance(this.number());
    return decodePathIn(this.#bytes, start, this.#position);
  }

  list<T>(read: () => T): T[] {
    // `Array.from` takes several times as long.
    const items: T[] = [];
    for (let left = this.count(); left > 0; left--) items.push(read());
    return items;
  }

  /** The number of items of a list, which follow. */
  count(): number {
    const count = this.number();
    if (count > this.#bytes.length) throw new DamagedBytes("list longer than its bytes");
    return count;
  }

  /** One of `values`, by position. */
  choice<T>(values: readonly T[]): T {
    const value = values[this.number()];
    if (value === undefined) throw new DamagedBytes("unknown value");
    return value;
  }

  /** What is read, from its first byte on. */
  get all(): Buffer {
    return this.#bytes;
  }

  /** How many bytes have been read. */
  get position(): number {
    return this.#position;
  }

  /** Goes past the next piece of bytes or text. */
  skipPiece(): void {
    this.#advance(this.number());
  }

  isAtEnd(): boolean {
    return this.#position === this.#bytes.length;
  }

  /** What has not been read yet, and is not by this. */
  rest(): Buffer {
    return this.#bytes.subarray(this.#position);
  }

  /** The next bytes as they are. */
  take(count: number): Buffer {
    const start = this.#advance(count);
    return this.#bytes.subarray(start, this.#position);
  }

  /** Goes past the next bytes; returns where they begin. */
  #advance(count: number): number {
    const start = this.#position;
    const end = start + count;
    if (end > this.#bytes.length) this.#missingByte();
    this.#position = end;
    return start;
  }

  #missingByte(): never {
    throw new DamagedBytes("unexpected end");
  }
}
