import { archivePath } from "../archive/format.ts";
import type { ArchiveReference } from "../archive/manifest.ts";
import { digestFile } from "../archive/read-file.ts";
import { manifestProblem } from "../archive/rules.ts";
import { DamagedBytes } from "../base/bytes.ts";
import { stampKind, stampSize } from "../native/stamp.ts";
import { statOne } from "../native/stat-one.ts";
import type { Cache } from "./cache.ts";
import { decodeText } from "./captured-text.ts";
import type { CacheDatabase, RecordKind } from "./database.ts";
import { decodeEntry } from "./entry.ts";
import { decodeStepRecord } from "./step-record.ts";
import { dropEntry } from "./store.ts";

/** Something in a cache that is not as it was written. */
export type CacheDamage =
  | { readonly kind: "database"; readonly detail: string }
  | {
      readonly kind: "entry";
      readonly id: number;
      readonly detail: string;
      /** The commands whose result it is, as `package#task: command`; none where that is not known any more. */
      readonly labels: readonly string[];
    }
  | { readonly kind: "record"; readonly record: RecordKind; readonly id: string };

/** How much was looked at, and what was found. */
export type Verification = { readonly entries: number; readonly damages: readonly CacheDamage[] };

/**
 * Reads everything that the cache keeps, archives to their last byte, and changes nothing. Undefined
 * when there is no cache, or none that can be read.
 */
export async function verifyCache(cache: Cache): Promise<Verification | undefined> {
  const found = cache.attempt((database) => ({
    complaints: database.complaints(),
    entries: database.entrySizes(),
    records: database.recordIds().filter(({ kind, id }) => !isReadable(database, kind, id)),
  }));
  if (found === undefined) return undefined;
  const damages: CacheDamage[] = [
    ...found.complaints.map((detail) => ({ kind: "database", detail }) as const),
    ...found.records.map(({ kind, id }) => ({ kind: "record", record: kind, id }) as const),
  ];
  for (const { id, key } of found.entries) {
    const detail = await entryDamage(cache, key, id);
    if (detail !== undefined)
      damages.push({ kind: "entry", id, detail, labels: labelsOf(cache, key) });
  }
  return { entries: found.entries.length, damages };
}

/** Drops the entries and records that are damaged: their steps run again. */
export function repairCache(cache: Cache, damages: readonly CacheDamage[]): void {
  for (const damage of damages) {
    if (damage.kind === "entry") dropEntry(cache, damage.id);
    if (damage.kind === "record")
      cache.attempt((database) => database.removeRecord(damage.record, damage.id));
  }
}

/** Of the steps that used the key last. */
function labelsOf(cache: Cache, key: string): readonly string[] {
  return (
    cache.attempt((database) =>
      database.recordIds().flatMap(({ kind, id }) => {
        if (kind !== "step" || !isReadable(database, kind, id)) return [];
        const record = decodeStepRecord(database.record(kind, id) ?? Buffer.from("{}"));
        return record.key === key ? (record.label ?? []) : [];
      }),
    ) ?? []
  );
}

function isReadable(database: CacheDatabase, kind: RecordKind, id: string): boolean {
  try {
    database.record(kind, id);
    return true;
  } catch (error) {
    if (error instanceof DamagedBytes) return false;
    throw error;
  }
}

/** Undefined when it is whole, or has been dropped by another vt meanwhile. */
async function entryDamage(cache: Cache, key: string, id: number): Promise<string | undefined> {
  const read = cache.attempt((database) => readEntry(database, key, id));
  if (read === undefined || "damage" in read) return read?.damage;
  return read.archive && (await archiveDamage(cache, read.archive));
}

function readEntry(
  database: CacheDatabase,
  key: string,
  id: number,
): { readonly damage: string } | { readonly archive: ArchiveReference | undefined } | undefined {
  try {
    const [content, text] = [database.entryContent(key, id), database.entryText(key, id)];
    if (content === undefined || text === undefined) return undefined;
    const { items, manifest, archive } = decodeEntry(content);
    if (decodeText(text).length !== items.length) return { damage: "its text is another's" };
    const problem = manifestProblem(manifest);
    return problem === undefined ? { archive } : { damage: problem };
  } catch (error) {
    if (error instanceof DamagedBytes) return { damage: error.message };
    throw error;
  }
}

async function archiveDamage(
  { directory }: Cache,
  { digest, size }: ArchiveReference,
): Promise<string | undefined> {
  const path = archivePath(directory, digest);
  const stamp = statOne(path);
  if (stampKind(stamp) !== "file") return "its archive is missing";
  if (stampSize(stamp) !== size) return `its archive has ${stampSize(stamp)} bytes, not ${size}`;
  return (await digestFile(path)) === digest ? undefined : "its archive has another content";
}
