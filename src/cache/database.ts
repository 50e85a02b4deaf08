import { constants, Database, SQLiteError } from "bun:sqlite";
import type { AbsolutePath } from "../base/path.ts";
import { isDatabaseReadOnly } from "./database-error.ts";
import { seal, sealBytes, unseal } from "./seal.ts";

/** Waiting for another vt to finish writing; its transactions take milliseconds. */
const busyTimeoutMs = 10_000;

const schema = `
  CREATE TABLE IF NOT EXISTS entry (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL,
    identity TEXT NOT NULL,
    used_ms INTEGER NOT NULL,
    archive TEXT,
    archive_bytes INTEGER NOT NULL,
    content BLOB NOT NULL,
    text BLOB NOT NULL
  );
  CREATE INDEX IF NOT EXISTS entry_by_key ON entry (key, used_ms);
  CREATE INDEX IF NOT EXISTS entry_by_archive ON entry (archive);
  CREATE TABLE IF NOT EXISTS record (
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    used_ms INTEGER NOT NULL,
    value BLOB NOT NULL,
    PRIMARY KEY (kind, id)
  );
`;

/** What an entry takes up, its archive included, and when it was last used. */
export type EntrySize = {
  readonly id: number;
  readonly key: string;
  readonly bytes: number;
  readonly usedMs: number;
};

/** A key's last used entry, and how its look-up ended last, sealed. */
export type SettledRow = {
  readonly id: number;
  readonly usedMs: number;
  readonly value: Uint8Array;
};

/** What is kept under an id, and when that was last of use. */
type RecordContent = { readonly usedMs: number; readonly value: Uint8Array };

/**
 * Facts beside the entries: of a step, of a cache key in one tree, of a program's file, of runs going
 * on, of the items of a row that are one; of a key's newest entry, how its look-up in one tree ended last.
 */
export type RecordKind = "step" | "tree" | "program" | "run" | "unit" | "settled";

/**
 * The database file, in write-ahead mode: any number of vt read and write it at once. Every blob is
 * sealed. Methods throw `SQLiteError`, and `DamagedBytes` for a record that is not as it was written.
 */
export class CacheDatabase implements Disposable {
  readonly path: AbsolutePath;
  readonly #db: Database;

  private constructor(path: AbsolutePath, db: Database) {
    this.path = path;
    this.#db = db;
  }

  /** Opens or creates the file. Throws `SQLiteError`. */
  static open(path: AbsolutePath): CacheDatabase {
    const db = new Database(path, { create: true, readwrite: true });
    try {
      // Before anything else: without it, a database that another process is just creating is an error.
      db.run(`PRAGMA busy_timeout = ${busyTimeoutMs}`);
      enterWriteAheadMode(db);
      db.run("PRAGMA synchronous = NORMAL");
      if (db.query("SELECT 1 FROM sqlite_master WHERE name = 'record'").get() === null)
        db.transaction(() => db.run(schema)).immediate();
      return new CacheDatabase(path, db);
    } catch (error) {
      db.close();
      throw error;
    }
  }

  /** Opens without the wish to write. Throws `SQLiteError`, also when there is no such file. */
  static openReadOnly(path: AbsolutePath): CacheDatabase {
    try {
      return CacheDatabase.#checked(path, new Database(path, { readonly: true }));
    } catch (error) {
      if (!isDatabaseReadOnly(error)) throw error;
      // Beside a write-ahead log SQLite wants to write even to read, unless nobody else can write either.
      const uri = `file:${encodeURI(path).replaceAll("?", "%3f").replaceAll("#", "%23")}?immutable=1`;
      const flags = constants.SQLITE_OPEN_READONLY | constants.SQLITE_OPEN_URI;
      return CacheDatabase.#checked(path, new Database(uri, flags));
    }
  }

  static #checked(path: AbsolutePath, db: Database): CacheDatabase {
    try {
      db.run(`PRAGMA busy_timeout = ${busyTimeoutMs}`);
      db.query("SELECT 1 FROM record").get();
      return new CacheDatabase(path, db);
    } catch (error) {
      db.close();
      throw error;
    }
  }

  /** Ids of a key's entries, the last used first. */
  entryIds(key: string): number[] {
    return this.#db
      .query<{ id: number }, [string]>(
        "SELECT id FROM entry WHERE key = ? ORDER BY used_ms DESC, id DESC",
      )
      .all(key)
      .map(({ id }) => id);
  }

  /* CROSS JOIN, since SQLite would otherwise go through all records of a kind for each that is wanted. */

  /** Of those keys for which one is kept, how the look-up of the last used entry ended last in that tree. */
  settledEntries(keys: readonly string[], tree: string): ReadonlyMap<string, SettledRow> {
    const rows = this.#db
      .query<SettledRow & { key: string }, [string, string]>(
        `SELECT entry.key, entry.id, entry.used_ms AS usedMs, record.value
         FROM json_each(?) AS wanted
         CROSS JOIN record ON record.kind = 'settled' AND record.id = wanted.value || '/' || ?
         CROSS JOIN entry ON entry.id = (
           SELECT newest.id FROM entry AS newest WHERE newest.key = wanted.value ORDER BY used_ms DESC, id DESC LIMIT 1)`,
      )
      .all(JSON.stringify(keys), tree);
    return new Map(rows.map((row) => [row.key, row]));
  }

  /** Undefined when another vt has dropped it meanwhile. */
  entryContent(key: string, id: number): Buffer | undefined {
    return this.#entryBlob("content", key, id);
  }

  /** The captured text of an entry. */
  entryText(key: string, id: number): Buffer | undefined {
    return this.#entryBlob("text", key, id);
  }

  #entryBlob(column: "content" | "text", key: string, id: number): Buffer | undefined {
    const row = this.#db
      .query<{ blob: Uint8Array }, [number, string]>(
        `SELECT ${column} AS blob FROM entry WHERE id = ? AND key = ?`,
      )
      .get(id, key);
    return row === null ? undefined : unseal(key, row.blob);
  }

  /*
   * What the end of a look-up rests on in here is the key's entries and its record of the tree: whoever
   * writes one of these removes the record of that end, for an entry in every tree.
   */

  /** Replaces entries of the same identity; returns the new one's id, and the archives of those. */
  insertEntry(entry: {
    readonly key: string;
    readonly identity: string;
    readonly usedMs: number;
    readonly archive: string | undefined;
    readonly archiveBytes: number;
    readonly content: Uint8Array;
    readonly text: Uint8Array;
  }): { readonly id: number; readonly replaced: readonly string[] } {
    this.#removeSettled(entry.key);
    const replaced = this.#db
      .query<{ archive: string | null }, [string, string]>(
        "DELETE FROM entry WHERE key = ? AND identity = ? RETURNING archive",
      )
      .all(entry.key, entry.identity);
    const { lastInsertRowid } = this.#db
      .query(
        `INSERT INTO entry (key, identity, used_ms, archive, archive_bytes, content, text)
         VALUES (?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(
        entry.key,
        entry.identity,
        entry.usedMs,
        entry.archive ?? null,
        entry.archiveBytes,
        seal(entry.key, entry.content),
        seal(entry.key, entry.text),
      );
    return {
      id: Number(lastInsertRowid),
      replaced: replaced.flatMap(({ archive }) => archive ?? []),
    };
  }

  /** Notes that an entry was used, and, when `content` is given, what was learnt on the way. */
  touchEntry(
    key: string,
    id: number,
    use: { readonly usedMs: number; readonly content?: Uint8Array },
  ): void {
    if (use.content === undefined)
      this.#db.query("UPDATE entry SET used_ms = ? WHERE id = ?").run(use.usedMs, id);
    else
      this.#db
        .query("UPDATE entry SET used_ms = ?, content = ? WHERE id = ?")
        .run(use.usedMs, seal(key, use.content), id);
  }

  /** Puts what was learnt of an entry in its place, without noting that it was used. */
  setContent(key: string, id: number, content: Uint8Array): void {
    this.#db.query("UPDATE entry SET content = ? WHERE id = ?").run(seal(key, content), id);
  }

  /** Whether that an entry, its key's last used one, was used is noted since `sinceMs`, and of that tree's record, too. */
  isUseNoted(key: string, id: number, treeKey: string, sinceMs: number): boolean {
    const noted = this.#db.query(
      `SELECT 1 FROM entry WHERE id = ?2 AND used_ms >= ?4
       AND id = (SELECT id FROM entry WHERE key = ?1 ORDER BY used_ms DESC, id DESC LIMIT 1)
       AND NOT EXISTS (SELECT 1 FROM record WHERE kind = 'tree' AND id = ?3 AND used_ms < ?4)`,
    );
    return noted.get(key, id, treeKey, sinceMs) !== null;
  }

  /** Returns the archive it referred to. */
  removeEntry(id: number): string | undefined {
    const row = this.#db
      .query<{ archive: string | null; key: string }, [number]>(
        "DELETE FROM entry WHERE id = ? RETURNING archive, key",
      )
      .get(id);
    if (row !== null) this.#removeSettled(row.key);
    return row?.archive ?? undefined;
  }

  #removeSettled(key: string): void {
    // The ids that begin with the key and a slash: the character after a slash is the digit 0.
    this.#db
      .query("DELETE FROM record WHERE kind = 'settled' AND id > ? AND id < ?")
      .run(`${key}/`, `${key}0`);
  }

  /** What each entry takes up, the longest unused first. */
  entrySizes(): EntrySize[] {
    return this.#db
      .query<EntrySize, []>(
        "SELECT id, key, archive_bytes + length(content) + length(text) AS bytes, used_ms AS usedMs FROM entry ORDER BY used_ms, id",
      )
      .all();
  }

  /** Complaints of SQLite about the file as a whole; none when it is sound. */
  complaints(): string[] {
    return this.#db
      .query<{ integrity_check: string }, []>("PRAGMA integrity_check(20)")
      .all()
      .map(({ integrity_check }) => integrity_check)
      .filter((complaint) => complaint !== "ok");
  }

  /** Every record, whether it can be read or not. */
  recordIds(): { readonly kind: RecordKind; readonly id: string }[] {
    return this.#db
      .query<{ kind: RecordKind; id: string }, []>("SELECT kind, id FROM record ORDER BY kind, id")
      .all();
  }

  isArchiveUsed(archive: string): boolean {
    return this.#db.query("SELECT 1 FROM entry WHERE archive = ? LIMIT 1").get(archive) !== null;
  }

  /** Undefined also where it was used before `sinceMs` only. */
  record(kind: RecordKind, id: string, sinceMs = 0): Buffer | undefined {
    const row = this.#db
      .query<{ value: Uint8Array }, [string, string, number]>(
        "SELECT value FROM record WHERE kind = ? AND id = ? AND used_ms >= ?",
      )
      .get(kind, id, sinceMs);
    return row === null ? undefined : unseal(kind + id, row.value);
  }

  /** The checksums of those records that are there: they tell whether a record is as it was. */
  recordSums(kind: RecordKind, ids: readonly string[]): ReadonlyMap<string, Uint8Array> {
    const rows = this.#db
      .query<{ id: string; sum: Uint8Array }, [string, string]>(
        `SELECT record.id, substr(record.value, 1, ${sealBytes}) AS sum
         FROM json_each(?) AS wanted
         CROSS JOIN record ON record.kind = ? AND record.id = wanted.value`,
      )
      .all(JSON.stringify(ids), kind);
    return new Map(rows.map(({ id, sum }) => [id, sum]));
  }

  /** What is known of every key in one tree. */
  treeRecords(tree: string): readonly { readonly key: string; readonly value: Buffer }[] {
    return this.#db
      .query<{ id: string; value: Uint8Array }, [string]>(
        "SELECT id, value FROM record WHERE kind = 'tree' AND id LIKE '%/' || ?",
      )
      .all(tree)
      .map(({ id, value }) => ({
        key: id.slice(0, -tree.length - 1),
        value: unseal(`tree${id}`, value),
      }));
  }

  setRecord(kind: RecordKind, id: string, record: RecordContent): void {
    if (kind === "tree") this.removeRecord("settled", id);
    this.#db
      .query("INSERT OR REPLACE INTO record (kind, id, used_ms, value) VALUES (?, ?, ?, ?)")
      .run(kind, id, record.usedMs, seal(kind + id, record.value));
  }

  /** Whether there was none of that id, so that this is the one now. */
  didAddRecord(kind: RecordKind, id: string, record: RecordContent): boolean {
    const { changes } = this.#db
      .query("INSERT OR IGNORE INTO record (kind, id, used_ms, value) VALUES (?, ?, ?, ?)")
      .run(kind, id, record.usedMs, seal(kind + id, record.value));
    return changes > 0;
  }

  /** Whether the record was just this, so that it is gone now. */
  didRemoveRecord(kind: RecordKind, id: string, value: Uint8Array): boolean {
    const { changes } = this.#db
      .query("DELETE FROM record WHERE kind = ? AND id = ? AND value = ?")
      .run(kind, id, seal(kind + id, value));
    return changes > 0;
  }

  /** Notes that a record was used, unless that is noted since `sinceMs` already. */
  touchRecord(
    kind: RecordKind,
    id: string,
    { usedMs, sinceMs }: { readonly usedMs: number; readonly sinceMs: number },
  ): void {
    this.#db
      .query("UPDATE record SET used_ms = ? WHERE kind = ? AND id = ? AND used_ms < ?")
      .run(usedMs, kind, id, sinceMs);
  }

  /** Removes up to `count` records that were not used since `sinceMs`. Returns how many. */
  removeOldRecords(sinceMs: number, count: number): number {
    return this.#db
      .query(
        "DELETE FROM record WHERE rowid IN (SELECT rowid FROM record WHERE used_ms < ? LIMIT ?)",
      )
      .run(sinceMs, count).changes;
  }

  removeRecord(kind: RecordKind, id: string): void {
    this.#db.query("DELETE FROM record WHERE kind = ? AND id = ?").run(kind, id);
  }

  /** Takes the write lock first, so that reading and then writing cannot fail half-way. Bun's own takes twice as long. */
  transaction<T>(work: () => T): T {
    this.#db.query("BEGIN IMMEDIATE").run();
    try {
      const result = work();
      this.#db.query("COMMIT").run();
      return result;
    } catch (error) {
      // Some failures end it by themselves.
      if (this.#db.inTransaction) this.#db.query("ROLLBACK").run();
      throw error;
    }
  }

  [Symbol.dispose](): void {
    this.#db.close();
  }
}

const switchAttemptsMax = 100;

/**
 * A file stays in this mode once it is. To switch, SQLite does not wait for a lock that somebody holds
 * who is just creating the same file, but fails at once; to begin to write it waits.
 */
function enterWriteAheadMode(db: Database): void {
  const readMode = db.query<{ journal_mode: string }, []>("PRAGMA journal_mode");
  for (let attempt = 1; readMode.get()?.journal_mode !== "wal"; attempt += 1) {
    try {
      db.run("PRAGMA journal_mode = WAL");
    } catch (error) {
      const isBusy = error instanceof SQLiteError && error.code === "SQLITE_BUSY";
      if (!isBusy || attempt === switchAttemptsMax) throw error;
      db.transaction(() => undefined).immediate();
    }
  }
}
