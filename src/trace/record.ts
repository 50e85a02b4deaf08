import { decodePathIn } from "../base/path-bytes.ts";
import { asStamp, type Stamp, stampBytes } from "../native/stamp.ts";
import { committed, recordFlag as flag, header, recordHeaderBytes } from "./layout.ts";

/** A channel without its set of hashes. */
export type ChannelBytes = {
  readonly header: Buffer;
  /** Everything from the header's `recordsOffset` on. */
  readonly records: Buffer;
};

/** One record as it lies in the channel. */
export type TraceRecord = {
  /** In the channel. */
  readonly offset: number;
  readonly kind: number;
  readonly result: number;
  readonly isFollowing: boolean;
  readonly pid: number;
  readonly detail: number;
  readonly stamp: Stamp | undefined;
  readonly path: string;
  readonly target: string;
  /** Entries of a directory, when the record has some. */
  readonly listing: Uint8Array | undefined;
  readonly endsListing: boolean;
};

/** Every record in order; "damaged" for one whose writer was killed before it was complete. */
export function readRecords(channel: ChannelBytes): (TraceRecord | "damaged")[] {
  const { records } = channel;
  const start = Number(channel.header.readBigUInt64LE(header.recordsOffset));
  const found: (TraceRecord | "damaged")[] = [];
  let at = 0;
  while (at + recordHeaderBytes <= records.length) {
    const head = records.readUInt32LE(at);
    const length = head >>> 2;
    if (length < recordHeaderBytes || at + length > records.length) break;
    found.push((head & 3) === committed ? readRecord(records, at, start + at) : "damaged");
    at += length;
  }
  return found;
}

/** The one at `at`; `offset` is its own, in the channel. */
function readRecord(bytes: Buffer, at: number, offset: number): TraceRecord {
  const flags = bytes.readUInt8(at + 6);
  const hasStamp = (flags & flag.stamp) !== 0;
  const hasListing = (flags & flag.listing) !== 0;
  const stampAt = at + recordHeaderBytes;
  const pathAt = hasStamp ? stampAt + stampBytes : stampAt;
  const targetAt = pathAt + bytes.readUInt16LE(at + 16);
  const listingAt = targetAt + bytes.readUInt16LE(at + 18);
  const listingEnd = listingAt + bytes.readUInt32LE(at + 20);
  return {
    offset,
    kind: bytes.readUInt8(at + 4),
    result: bytes.readUInt8(at + 5),
    isFollowing: (flags & flag.following) !== 0,
    pid: bytes.readUInt32LE(at + 8),
    detail: bytes.readUInt32LE(at + 12),
    stamp: hasStamp ? asStamp(bytes.subarray(stampAt, pathAt)) : undefined,
    path: decodePathIn(bytes, pathAt, targetAt),
    target: targetAt === listingAt ? "" : decodePathIn(bytes, targetAt, listingAt),
    listing: hasListing ? bytes.subarray(listingAt, listingEnd) : undefined,
    endsListing: (flags & flag.listingEnds) !== 0,
  };
}
