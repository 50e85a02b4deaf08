import type { ListedKind } from "../base/directory.ts";
import { decodePath } from "../base/path-bytes.ts";
import type { Access, IncompleteReason, OpenFlags, Trace } from "./access.ts";
import {
  accessKinds,
  header,
  incompleteBit,
  listedKinds,
  openFlag,
  programReasons,
  recordKinds,
  results,
} from "./layout.ts";
import { type ChannelBytes, readRecords, type TraceRecord } from "./record.ts";

type Listing = ReadonlyMap<string, ListedKind>;

/** What the bytes of a channel say. */
export function decodeTrace(channel: ChannelBytes): Trace {
  const all = readRecords(channel);
  const records = all.filter((record) => record !== "damaged");
  const listings = readListings(records);
  const incomplete = [...headerReasons(channel.header), ...records.flatMap(programReason)];
  if (records.length < all.length) incomplete.push({ kind: "damaged-record" });
  return {
    accesses: accessesOf(records, listings),
    incomplete,
    withoutRing: records.filter(({ kind }) => kind === recordKinds.ring).map(({ path }) => path),
  };
}

/** Listings by the offset of the record they begin in. One that was never finished is left out. */
function readListings(records: readonly TraceRecord[]): ReadonlyMap<number, Listing> {
  const open = new Map<number, Map<string, ListedKind>>();
  const whole = new Map<number, Listing>();
  for (const record of records) {
    if (record.listing === undefined) continue;
    const start = record.kind === recordKinds.listMore ? record.detail * 8 : record.offset;
    const entries = open.get(start) ?? new Map<string, ListedKind>();
    open.set(start, entries);
    for (const [name, kind] of readEntries(record.listing)) entries.set(name, kind);
    if (record.endsListing) whole.set(start, entries);
  }
  return whole;
}

function* readEntries(bytes: Uint8Array): Generator<readonly [string, ListedKind]> {
  let at = 0;
  while (at + 2 <= bytes.length) {
    const end = at + 2 + (bytes[at + 1] ?? 0);
    yield [decodePath(bytes.subarray(at + 2, end)), listedKinds[bytes[at] ?? 0] ?? "other"];
    at = end;
  }
}

function headerReasons(bytes: Buffer): IncompleteReason[] {
  const bits = bytes.readUInt32LE(header.incomplete);
  const hasBit = (bit: number): boolean => (bits & (1 << bit)) !== 0;
  const reasons: IncompleteReason[] = [];
  if (hasBit(incompleteBit.full)) reasons.push({ kind: "channel-full" });
  if (hasBit(incompleteBit.filterRefused)) {
    reasons.push(filterRefused(bytes.readInt32LE(header.filterError)));
  }
  if (hasBit(incompleteBit.listenerLost)) reasons.push({ kind: "listener-lost" });
  if (hasBit(incompleteBit.unreadable)) reasons.push({ kind: "unreadable-memory" });
  return reasons;
}

const busyError = 16;

/** `error` is what the kernel answered to the wish to install the filter. */
export function filterRefused(error: number): IncompleteReason {
  const detail =
    error === busyError
      ? "another tracer is at work already, perhaps an outer vt"
      : `the kernel answers with error ${error}`;
  return { kind: "filter-refused", detail };
}

function programReason(record: TraceRecord): IncompleteReason[] {
  if (record.kind !== recordKinds.incomplete) return [];
  const kind = programReasons[record.detail];
  return kind === undefined ? [] : [{ kind, program: record.path }];
}

/** Without a function's result for each that it is spread from: there may be a million. */
function accessesOf(
  records: readonly TraceRecord[],
  listings: ReadonlyMap<number, Listing>,
): readonly Access[] {
  const accesses: Access[] = [];
  for (const record of records) {
    const kind = accessKinds[record.kind];
    const result = results[record.result];
    if (kind === undefined || result === undefined) continue;
    const { path, target, stamp, isFollowing, pid } = record;
    const access: { -readonly [Key in keyof Access]: Access[Key] } = {
      kind,
      path,
      result,
      isFollowing,
      pid,
    };
    if (stamp !== undefined) access.stamp = stamp;
    if (kind === "make-link") access.text = target;
    else if (target !== "") access.target = target;
    const flags = kind === "write" ? openFlags[record.detail % openFlags.length] : undefined;
    if (flags !== undefined) access.flags = flags;
    const listing = listings.get(record.offset);
    if (listing !== undefined) access.listing = listing;
    accesses.push(access);
  }
  return accesses;
}

/** By `detail`: few are different from each other. */
const openFlags: readonly OpenFlags[] = Array.from(
  { length: 2 * openFlag.appends },
  (_, detail) => ({
    canRead: (detail & openFlag.reads) !== 0,
    creates: (detail & openFlag.creates) !== 0,
    isExclusive: (detail & openFlag.exclusive) !== 0,
    truncates: (detail & openFlag.truncates) !== 0,
    appends: (detail & openFlag.appends) !== 0,
  }),
);
