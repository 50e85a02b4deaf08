const firstCapacity = 4096;

/** Bytes that arrive piece by piece, kept as one block whatever the size of the pieces. */
export class GrowingBytes {
  #block = Buffer.alloc(0);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  append(bytes: Uint8Array): void {
    const length = this.#length + bytes.length;
    if (length > this.#block.length) {
      const larger = Buffer.allocUnsafe(Math.max(firstCapacity, this.#block.length * 2, length));
      larger.set(this.#block.subarray(0, this.#length));
      this.#block = larger;
    }
    this.#block.set(bytes, this.#length);
    this.#length = length;
  }

  /** Hands over what has arrived and begins anew. */
  take(): Uint8Array {
    const bytes = this.#block.subarray(0, this.#length);
    this.#block = Buffer.alloc(0);
    this.#length = 0;
    return bytes;
  }
}
