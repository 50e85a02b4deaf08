import type { ArchiveReference, Manifest } from "../archive/manifest.ts";
import { ByteReader, ByteWriter, DamagedBytes } from "../base/bytes.ts";
import { asDigest, type Digest, digestOf } from "../base/digest.ts";
import { sortPaths, type WorkspacePath, workspacePath } from "../base/path.ts";
import type { Condition } from "../fingerprint/condition.ts";
import type { AskedEnv } from "../ipc/declarations.ts";
import { missingStamp, type Stamps, unprovenStamp } from "../native/stamp.ts";
import { readAsked, writeAsked } from "./asked-env.ts";
import { readCondition, readRow, writeCondition, writeRow } from "./codec.ts";
import { type Conditions, StoredConditions } from "./conditions.ts";
import { StoredPaths, StoredStamps } from "./stored-lists.ts";

/** An executable from outside the workspace that a run started. */
export type ProgramUse = {
  /** Its name, to be found through PATH; absolute where PATH led elsewhere. */
  readonly name: string;
  readonly hash: bigint;
};

/** What one item of a unit depends on, apart from the tree. */
export type EntryItem = {
  /** Executables that it ran, by the item's own PATH. */
  readonly programs: readonly ProgramUse[];
  /** Variables that its tools asked for. */
  readonly asked: AskedEnv;
  readonly durationMs: number;
};

/** What a unit's run left behind: when it may be used again, and what to do then. */
export type EntryContent = {
  /** Files that the `input` patterns matched, sorted by path. */
  readonly declared: readonly Condition[];
  /** What the run looked at, sorted by path. */
  readonly inferred: Conditions;
  /** One an item of the unit, in order. */
  readonly items: readonly EntryItem[];
  readonly manifest: Manifest;
  /** One a manifest row: as the tree was when its outputs were last known to be in place. */
  readonly outputStamps: Stamps;
  /** The rows at whose place nothing stood when the run began. */
  readonly created: Iterable<WorkspacePath>;
  /** The rows that earlier runs had written and this one left alone: never put over anything else. */
  readonly kept: ReadonlySet<WorkspacePath>;
  readonly archive: ArchiveReference | undefined;
};

/** The same as the database has it. */
export type StoredEntry = EntryContent & {
  readonly inferred: StoredConditions;
  /** All of it, with the stamps that its conditions have by now. */
  readonly bytes: Uint8Array;
};

/** Entry → bytes. `docs/formats.md` has the layout. */
export function encodeEntry(entry: EntryContent): Buffer {
  const out = new ByteWriter();
  out.list(entry.declared, (condition) => writeCondition(out, condition));
  const { inferred } = entry;
  if (inferred instanceof StoredConditions) out.number(inferred.length).raw(inferred.bytes);
  else out.list([...inferred], (condition) => writeCondition(out, condition));
  out.list(entry.items, (item) => writeItem(out, item));
  out.list(entry.manifest, (row) => writeRow(out, row));
  out.number(entry.outputStamps.length);
  for (let index = 0; index < entry.outputStamps.length; index++)
    out.bytes(entry.outputStamps.at(index) ?? unprovenStamp);
  for (const paths of [entry.created, entry.kept])
    out.list(sortPaths(paths), (path) => out.text(path));
  out.list(entry.archive === undefined ? [] : [entry.archive], ({ digest, size }) =>
    out.text(digest).number(size),
  );
  return out.finish();
}

export function writeItem(out: ByteWriter, item: EntryItem): void {
  writeNeeds(out, item);
  out.number(Math.round(item.durationMs));
}

/** Throws `DamagedBytes` when the bytes are not what `writeItem` wrote. */
export function readItem(input: ByteReader): EntryItem {
  return {
    programs: input.list(() => ({ name: input.text(), hash: input.hash() })),
    asked: readAsked(input),
    durationMs: input.number(),
  };
}

function writeNeeds(out: ByteWriter, { programs, asked }: EntryItem): void {
  out.list(programs, ({ name, hash }) => out.text(name).hash(hash));
  writeAsked(out, asked);
}

/** Equal for entries that hold under the same conditions, so that the newer one replaces the older. */
export function entryIdentity({ declared, inferred, items }: EntryContent): Digest {
  const out = new ByteWriter();
  for (const conditions of [declared, inferred])
    out.list([...conditions], (condition) =>
      writeCondition(out, { ...condition, stamp: missingStamp }),
    );
  out.list(items, (item) => writeNeeds(out, item));
  return digestOf(out.finish());
}

/** Throws `DamagedBytes` when the bytes are not those of an entry. */
export function decodeEntry(bytes: Uint8Array): StoredEntry {
  const input = new ByteReader(bytes);
  const entry: StoredEntry = {
    declared: input.list(() => readCondition(input)),
    inferred: StoredConditions.read(input),
    items: input.list(() => readItem(input)),
    manifest: input.list(() => readRow(input)),
    outputStamps: StoredStamps.read(input),
    created: StoredPaths.read(input),
    kept: new Set(input.list(() => workspacePath(input.text()))),
    archive: input.list(() => ({ digest: asDigest(input.text()), size: input.number() }))[0],
    bytes,
  };
  if (!input.isAtEnd()) throw new DamagedBytes("more than an entry");
  if (entry.outputStamps.length !== entry.manifest.length)
    throw new DamagedBytes("stamps and outputs differ in number");
  return entry;
}
