import type { ListedKind } from "../base/directory.ts";
import { decodePath } from "../base/path-bytes.ts";
import type { Access, IncompleteReason, OpenFlags, Trace } from "./access.ts";
import {
  accessKinds,
  header,
  incompleteBit,
  listedKinds,
  metadataDetail,
  openFlag,
  programReasons,
  recordKinds,
  renameFlag,
  results,
} from "./layout.ts";
import { type ChannelBytes, RecordReader } from "./record.ts";

type Listing = ReadonlyMap<string, ListedKind>;

/** What the bytes of a channel say. In one go, for there may be a million records. */
export function decodeTrace(channel: ChannelBytes): Trace {
  const accesses: Access[] = [];
  const listed: Listed[] = [];
  const listings = new Listings();
  const incomplete = headerReasons(channel.header);
  const withoutRing: string[] = [];
  let isDamaged = false;
  const record = new RecordReader(channel);
  while (record.didMove()) {
    if (record.isDamaged) {
      isDamaged = true;
      continue;
    }
    const { kind, listing } = record;
    if (listing !== undefined) listings.add(record, listing);
    if (kind === recordKinds.incomplete) incomplete.push(...programReason(record));
    if (kind === recordKinds.ring) withoutRing.push(record.path);
    const access = accessOf(record);
    if (access === undefined) continue;
    accesses.push(access);
    if (listing !== undefined) listed.push({ access, offset: record.offset });
  }
  for (const { access, offset } of listed) {
    const listing = listings.whole.get(offset);
    if (listing !== undefined) access.listing = listing;
  }
  if (isDamaged) incomplete.push({ kind: "damaged-record" });
  return { accesses, incomplete, withoutRing };
}

type Writable<Type> = { -readonly [Key in keyof Type]: Type[Key] };

/** An access, and the record in which its listing begins. */
type Listed = { readonly access: Writable<Access>; readonly offset: number };

/** Listings by the offset of the record they begin in. One that was never finished is left out. */
class Listings {
  readonly #open = new Map<number, Map<string, ListedKind>>();
  readonly whole = new Map<number, Listing>();

  add({ kind, detail, offset, endsListing }: RecordReader, bytes: Uint8Array): void {
    const start = kind === recordKinds.listMore ? detail * 8 : offset;
    const entries = this.#open.get(start) ?? new Map<string, ListedKind>();
    this.#open.set(start, entries);
    for (const [name, kindOfEntry] of readEntries(bytes)) entries.set(name, kindOfEntry);
    if (endsListing) this.whole.set(start, entries);
  }
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

function programReason(record: RecordReader): IncompleteReason[] {
  const kind = programReasons[record.detail];
  return kind === undefined ? [] : [{ kind, program: record.path }];
}

/** Undefined for a record that is none of an access. */
function accessOf(record: RecordReader): Writable<Access> | undefined {
  const kind = accessKinds[record.kind];
  const result = results[record.result];
  if (kind === undefined || result === undefined) return undefined;
  const { path, target, stamp, isFollowing, pid } = record;
  const access: Writable<Access> = { kind, path, result, isFollowing, pid };
  if (stamp !== undefined) access.stamp = stamp;
  if (kind === "make-link") access.text = target;
  else if (target !== "") access.target = target;
  const flags = flagsOf(record);
  if (flags !== undefined) access.flags = flags;
  if (kind === "metadata" && record.detail === metadataDetail.times) access.areOnlyTimes = true;
  return access;
}

function flagsOf({ kind, detail }: RecordReader): OpenFlags | undefined {
  if (accessKinds[kind] === "write") return openFlags[detail % openFlags.length];
  const isExclusive = accessKinds[kind] === "rename" && (detail & renameFlag.noReplace) !== 0;
  return isExclusive ? openFlags[openFlag.exclusive] : undefined;
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
