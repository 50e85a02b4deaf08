import { existsSync, mkdirSync, statSync } from "node:fs";
import { DamagedBytes } from "../base/bytes.ts";
import { type Digest, digestOf } from "../base/digest.ts";
import { UserError } from "../base/error.ts";
import { errnoOf, writeAtomically } from "../base/file.ts";
import type { Environment } from "../base/host.ts";
import {
  type AbsolutePath,
  diskPath,
  resolvePath,
  toWorkspacePath,
  type WorkspacePath,
} from "../base/path.ts";
import { CacheDatabase } from "./database.ts";
import {
  isDatabaseDamaged,
  isDatabaseError,
  isDatabaseReadOnly,
  isSharingRefused,
} from "./database-error.ts";
import type { CacheKey, TreeKey } from "./key.ts";
import { cacheLayout } from "./layout.ts";
import { setDatabaseAside } from "./set-aside.ts";

/** What the cache may be used for: `VT_CACHE`. */
export type CacheMode = "off" | "read" | "read-write";

export type CacheOptions = {
  readonly root: AbsolutePath;
  readonly environment: Environment;
  readonly now: () => number;
  /** Instead of what `VT_CACHE` says. */
  readonly mode?: CacheMode;
  /** Told of trouble that changes no result; at most once for each kind of it. */
  readonly warn: (text: string) => void;
};

/** What our `CACHEDIR.TAG` says; its first line is that of the Cache Directory Tagging Specification. */
const cacheTag =
  "Signature: 8a477f597d28d172789f06886806bc55\n# This directory holds the cache of vt.\n";

/**
 * One workspace's cache. Trouble with it is never the run's trouble: what fails here is told once and
 * answered with "nothing known", so that the task runs.
 */
export class Cache implements Disposable {
  readonly root: AbsolutePath;
  /** Tells the root from those of other checkouts, which may share the cache. */
  readonly tree: Digest;
  /** Holds the database and the archives of this layout. */
  readonly directory: AbsolutePath;
  /** What of the workspace is the cache and counts for nothing; undefined when it lies elsewhere. */
  readonly place: WorkspacePath | undefined;
  readonly now: () => number;
  readonly #warn: (text: string) => void;
  readonly #warned = new Set<string>();
  #canWrite: boolean;
  #database: CacheDatabase | undefined;

  private constructor(options: CacheOptions, mode: CacheMode) {
    this.root = options.root;
    this.now = options.now;
    this.#warn = options.warn;
    this.#canWrite = mode === "read-write";
    this.tree = treeIdentity(options.root);
    this.directory = cacheDirectory(options);
    // A directory that was chosen may hold other things, which count like any other.
    const isChosen = (options.environment["VT_CACHE_DIR"] ?? "") !== "";
    this.place = toWorkspacePath(options.root, isChosen ? this.directory : cacheHome(options));
  }

  /** Opens the workspace's cache, or creates it. Throws a `UserError` only for a setting that means nothing. */
  static open(options: CacheOptions): Cache {
    const mode = options.mode ?? cacheMode(options.environment);
    const cache = new Cache(options, mode);
    if (mode !== "off") cache.#open();
    return cache;
  }

  get canWrite(): boolean {
    return this.#canWrite && this.#database !== undefined;
  }

  /** Under which is kept what is known of a key, and true in this tree alone. */
  inTree(key: CacheKey): TreeKey {
    return `${key}/${this.tree}` as TreeKey;
  }

  /**
   * Does `work` on the database. Undefined when there is none, or when it gives trouble: which is then
   * told, and a damaged database is put aside and begun anew.
   */
  attempt<T>(work: (database: CacheDatabase) => T): T | undefined {
    if (this.#database === undefined) return undefined;
    try {
      return work(this.#database);
    } catch (error) {
      if (error instanceof DamagedBytes) this.warn(`a cache record is unusable (${error.message})`);
      else if (isDatabaseDamaged(error)) this.#startOver();
      else if (isDatabaseError(error) || errnoOf(error) !== undefined)
        this.warn(`the cache gives trouble (${wordsOf(error)})`);
      else throw error;
      return undefined;
    }
  }

  /** Says something once. */
  warn(text: string): void {
    if (this.#warned.has(text)) return;
    this.#warned.add(text);
    this.#warn(text);
  }

  [Symbol.dispose](): void {
    this.#database?.[Symbol.dispose]();
    this.#database = undefined;
  }

  #open(): void {
    const path = resolvePath(this.directory, "cache.db");
    try {
      if (this.#canWrite) this.#createDirectory();
      this.#database = this.#canWrite ? CacheDatabase.open(path) : CacheDatabase.openReadOnly(path);
    } catch (error) {
      if (isDatabaseDamaged(error) && this.#canWrite) this.#startOver();
      else if (this.#canWrite && isWriteRefused(error)) this.#fallBackToReading(error);
      else if (this.#canWrite || !isDatabaseReadOnly(error)) this.#giveUp(error);
    }
  }

  #createDirectory(): void {
    if (existsSync(diskPath(this.directory))) return;
    const home = resolvePath(this.directory, "..");
    mkdirSync(diskPath(resolvePath(home, "..")), { recursive: true });
    // What tasks printed may be nobody else's business.
    mkdirSync(diskPath(this.directory), { recursive: true, mode: 0o700 });
    if (home.includes("/node_modules/")) return;
    // Inside, since the directory around it may be anybody's, with such files of its own.
    writeAtomically(resolvePath(this.directory, ".gitignore"), "*\n");
    writeAtomically(resolvePath(this.directory, "CACHEDIR.TAG"), cacheTag);
  }

  #startOver(): void {
    this.#database?.[Symbol.dispose]();
    this.#database = undefined;
    const path = resolvePath(this.directory, "cache.db");
    if (!this.#canWrite) {
      this.warn(`the cache database ${path} is damaged; nothing is read from it`);
      return;
    }
    try {
      const aside = setDatabaseAside(path, this.now());
      this.warn(`the cache database was damaged; it is now ${aside}, and a new one is begun`);
      this.#database = CacheDatabase.open(path);
    } catch (error) {
      this.#giveUp(error);
    }
  }

  #fallBackToReading(cause: unknown): void {
    this.#canWrite = false;
    this.warn(`nothing is stored: ${this.#describe(cause)}`);
    this.#open();
  }

  #giveUp(error: unknown): void {
    if (!(error instanceof Error && "code" in error)) throw error;
    this.#canWrite = false;
    this.warn(`the cache is not used: ${this.#describe(error)}`);
  }

  /** Of trouble with the directory: which one, and what to do. */
  #describe(error: unknown): string {
    const errno = isDatabaseError(error) ? undefined : errnoOf(error);
    if (errno === undefined) return `${wordsOf(error)} (${this.directory})${adviceOn(error)}`;
    return `the directory ${this.directory} cannot be made (${errno}): set VT_CACHE_DIR to one that vt may write to`;
  }
}

/**
 * Which directory the root is, wherever it lies: the same when it was moved or mounted anew, another when it
 * was made anew in the same place. Device numbers do not tell, since they may change with every start.
 */
function treeIdentity(root: AbsolutePath): Digest {
  const { ino, birthtimeNs } = statSync(diskPath(root), { bigint: true });
  // Not every file system knows when something was made.
  return digestOf(`${ino} ${birthtimeNs === 0n ? root : birthtimeNs}`);
}

/** What `VT_CACHE` says. Throws a `UserError` for a value that means nothing. */
export function cacheMode(environment: Environment): CacheMode {
  const value = environment["VT_CACHE"];
  if (value === undefined || value === "") return "read-write";
  if (value === "off" || value === "read" || value === "read-write") return value;
  throw new UserError(`VT_CACHE is "${value}", expected off, read or read-write`, {
    code: "cache-invalid",
  });
}

/** Where all layouts of the workspace's cache lie. */
export function cacheHome({
  root,
  environment,
}: Pick<CacheOptions, "root" | "environment">): AbsolutePath {
  const chosen = environment["VT_CACHE_DIR"];
  return chosen === undefined || chosen === ""
    ? resolvePath(root, "node_modules/.vt")
    : resolvePath(root, chosen);
}

/** Where this vt keeps the workspace's cache. */
export function cacheDirectory(options: Pick<CacheOptions, "root" | "environment">): AbsolutePath {
  return resolvePath(cacheHome(options), cacheLayout);
}

function isWriteRefused(error: unknown): boolean {
  if (isDatabaseReadOnly(error)) return true;
  return (
    error instanceof Error &&
    "code" in error &&
    ["EACCES", "EPERM", "EROFS", "ENOSPC", "EDQUOT", "ENOTDIR", "EEXIST"].includes(
      String(error.code),
    )
  );
}

function adviceOn(error: unknown): string {
  return isSharingRefused(error)
    ? "; its file system cannot share memory between processes, as many of those over a network: " +
        "set VT_CACHE_DIR to a directory on another"
    : "";
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
