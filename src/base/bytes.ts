import { decodePath, encodePath } from "./path-bytes.ts";

/** Builds a compact byte string: LEB128 numbers and length-prefixed pieces, so no two inputs give the same bytes. */
export class ByteWriter {
  #bytes = Buffer.allocUnsafe(4096);
  #length = 0;

  /** A whole number from 0 to 2^53 - 1. */
  number(value: number): this {
    let rest = value;
    while (rest >= 0x80) {
      this.#push((rest % 0x80) + 0x80);
      rest = Math.floor(rest / 0x80);
    }
    this.#push(rest);
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
    this.number(value.length);
    this.#reserve(value.length);
    this.#bytes.set(value, this.#length);
    this.#length += value.length;
    return this;
  }

  /** Text or a path: lone surrogates come back as they were. */
  text(value: string): this {
    if (!value.isWellFormed()) return this.bytes(encodePath(value));
    const length = Buffer.byteLength(value);
    this.number(length);
    this.#reserve(length);
    this.#length += this.#bytes.write(value, this.#length);
    return this;
  }

  /** The number of items, then each item. */
  list<T>(items: readonly T[], write: (item: T) => void): this {
    this.number(items.length);
    for (const item of items) write(item);
    return this;
  }

  finish(): Buffer {
    return Buffer.from(this.#bytes.subarray(0, this.#length));
  }

  #push(byte: number): void {
    this.#reserve(1);
    this.#bytes[this.#length] = byte;
    this.#length += 1;
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#length + count));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
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
    return this.#take(8).readBigUInt64LE(0);
  }

  bytes(): Buffer {
    return this.#take(this.number());
  }

  text(): string {
    const start = this.#advance(this.number());
    const text = this.#bytes.toString("utf8", start, this.#position);
    // What is no text is rare, and so is the character that stands for it.
    if (!text.includes("\ufffd")) return text;
    return decodePath(this.#bytes.subarray(start, this.#position));
  }

  list<T>(read: () => T): T[] {
    const count = this.number();
    if (count > this.#bytes.length) throw new DamagedBytes("list longer than its bytes");
    return Array.from({ length: count }, read);
  }

  /** One of `values`, by position. */
  choice<T>(values: readonly T[]): T {
    const value = values[this.number()];
    if (value === undefined) throw new DamagedBytes("unknown value");
    return value;
  }

  isAtEnd(): boolean {
    return this.#position === this.#bytes.length;
  }

  #take(count: number): Buffer {
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
