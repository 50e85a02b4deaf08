import { decodePathIn } from "../base/path-bytes.ts";
import { asStamp, type Stamp, stampBytes } from "../native/stamp.ts";
import { committed, recordFlag as flag, header, recordHeaderBytes } from "./layout.ts";

/** A channel without its set of hashes. */
export type ChannelBytes = {
  readonly header: Buffer;
  /** Everything from the header's `recordsOffset` on. */
  readonly records: Buffer;
};

/** Goes through the records of a channel, in order. What it tells is of the one that it has come to. */
export class RecordReader {
  readonly #bytes: Buffer;
  readonly #start: number;
  #at = 0;
  #end = 0;
  #stampAt = 0;
  #pathAt = 0;
  #targetAt = 0;
  #listingAt = 0;

  constructor({ header: channelHeader, records }: ChannelBytes) {
    this.#bytes = records;
    this.#start = Number(channelHeader.readBigUInt64LE(header.recordsOffset));
  }

  /** Goes to the next; false when there is none. */
  didMove(): boolean {
    const bytes = this.#bytes;
    const at = this.#end;
    if (at + recordHeaderBytes > bytes.length) return false;
    const length = bytes.readUInt32LE(at) >>> 2;
    if (length < recordHeaderBytes || at + length > bytes.length) return false;
    this.#at = at;
    this.#end = at + length;
    this.#stampAt = at + recordHeaderBytes;
    this.#pathAt = this.#stampAt + (this.#has(flag.stamp) ? stampBytes : 0);
    this.#targetAt = this.#pathAt + bytes.readUInt16LE(at + 16);
    this.#listingAt = this.#targetAt + bytes.readUInt16LE(at + 18);
    return true;
  }

  /** Its writer was killed before it was complete: it tells nothing else. */
  get isDamaged(): boolean {
    return (this.#bytes.readUInt32LE(this.#at) & 3) !== committed;
  }

  /** In the channel. */
  get offset(): number {
    return this.#start + this.#at;
  }

  get kind(): number {
    return this.#bytes.readUInt8(this.#at + 4);
  }

  get result(): number {
    return this.#bytes.readUInt8(this.#at + 5);
  }

  get isFollowing(): boolean {
    return this.#has(flag.following);
  }

  get pid(): number {
    return this.#bytes.readUInt32LE(this.#at + 8);
  }

  get detail(): number {
    return this.#bytes.readUInt32LE(this.#at + 12);
  }

  get stamp(): Stamp | undefined {
    return this.#has(flag.stamp)
      ? asStamp(this.#bytes.subarray(this.#stampAt, this.#pathAt))
      : undefined;
  }

  get path(): string {
    return decodePathIn(this.#bytes, this.#pathAt, this.#targetAt);
  }

  get target(): string {
    if (this.#targetAt === this.#listingAt) return "";
    return decodePathIn(this.#bytes, this.#targetAt, this.#listingAt);
  }

  /** Entries of a directory, when the record has some. */
  get listing(): Uint8Array | undefined {
    if (!this.#has(flag.listing)) return undefined;
    const length = this.#bytes.readUInt32LE(this.#at + 20);
    return this.#bytes.subarray(this.#listingAt, this.#listingAt + length);
  }

  get endsListing(): boolean {
    return this.#has(flag.listingEnds);
  }

  #has(bit: number): boolean {
    return (this.#bytes.readUInt8(this.#at + 6) & bit) !== 0;
  }
}
