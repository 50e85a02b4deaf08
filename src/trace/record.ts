import { decodePath } from "../base/path-bytes.ts";
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
  readonly stamp?: Stamp;
  readonly path: string;
  readonly target: string;
  /** Entries of a directory, when the record has some. */
  readonly listing?: Uint8Array;
  readonly endsListing: boolean;
};

/** Every record in order; "damaged" for one whose writer was killed before it was complete. */
export function* readRecords(channel: ChannelBytes): Generator<TraceRecord | "damaged"> {
  const { records } = channel;
  const start = Number(channel.header.readBigUInt64LE(header.recordsOffset));
  let at = 0;
  while (at + recordHeaderBytes <= records.length) {
    const head = records.readUInt32LE(at);
    const length = head >>> 2;
    if (length < recordHeaderBytes || at + length > records.length) break;
    const bytes = records.subarray(at, at + length);
    yield (head & 3) === committed ? readRecord(bytes, start + at) : "damaged";
    at += length;
  }
}

/** `offset` is the record's own, in the channel. */
function readRecord(bytes: Buffer, offset: number): TraceRecord {
  const flags = bytes.readUInt8(6);
  const hasStamp = (flags & flag.stamp) !== 0;
  const stampAt = recordHeaderBytes;
  const pathAt = stampAt + (hasStamp ? stampBytes : 0);
  const targetAt = pathAt + bytes.readUInt16LE(16);
  const listingAt = targetAt + bytes.readUInt16LE(18);
  const listingEnd = listingAt + bytes.readUInt32LE(20);
  return {
    offset,
    kind: bytes.readUInt8(4),
    result: bytes.readUInt8(5),
    isFollowing: (flags & flag.following) !== 0,
    pid: bytes.readUInt32LE(8),
    detail: bytes.readUInt32LE(12),
    ...(hasStamp && { stamp: asStamp(bytes.subarray(stampAt, pathAt)) }),
    path: decodePath(bytes.subarray(pathAt, targetAt)),
    target: decodePath(bytes.subarray(targetAt, listingAt)),
    ...((flags & flag.listing) !== 0 && { listing: bytes.subarray(listingAt, listingEnd) }),
    endsListing: (flags & flag.listingEnds) !== 0,
  };
}
