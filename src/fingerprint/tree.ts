import { readlinkSync } from "node:fs";
import { type ListedKind, readDirectory, readNames } from "../base/directory.ts";
import {
  type AbsolutePath,
  directoryOf,
  diskPath,
  inWorkspace,
  sortPaths,
  type WorkspacePath,
} from "../base/path.ts";
import { decodePath } from "../base/path-bytes.ts";
import { type PathKind, type Stamp, stampKind, unprovenStamp } from "../native/stamp.ts";
import { statBatch } from "../native/stat.ts";
import type { HashMemo } from "./hash-memo.ts";

/** Names in a directory, with what they are, in code-unit order. */
export type Listing = ReadonlyMap<string, ListedKind>;

/**
 * The file system at one moment: whatever is asked for is read once and remembered. Make a new one
 * where the disk may have changed in between.
 */
export class Tree {
  readonly root: AbsolutePath;
  readonly #stamps = new Map<AbsolutePath, Stamp>();
  readonly #memo: HashMemo;
  readonly #hashes = new Map<AbsolutePath, bigint | undefined>();
  readonly #listings = new Map<AbsolutePath, Listing | undefined>();

  constructor(root: AbsolutePath, hashes: HashMemo) {
    this.root = root;
    this.#memo = hashes;
  }

  /** The same file system at a later moment. */
  again(): Tree {
    return new Tree(this.root, this.#memo);
  }

  at(path: WorkspacePath): AbsolutePath {
    return inWorkspace(this.root, path);
  }

  /** Looks at many paths in one go, which is much faster than one by one. */
  prefetch(paths: Iterable<AbsolutePath>): void {
    const unknown: AbsolutePath[] = [];
    for (const path of paths) {
      if (this.#stamps.has(path)) continue;
      this.#stamps.set(path, unprovenStamp); // Until it has been looked at: none is asked for twice.
      unknown.push(path);
    }
    const stamps = statBatch(unknown);
    for (let index = 0; index < unknown.length; index++) {
      const path = unknown[index];
      const stamp = stamps[index];
      if (path !== undefined && stamp !== undefined) this.#stamps.set(path, stamp);
    }
  }

  /** What stands at the path; a link is not followed. */
  stamp(path: AbsolutePath): Stamp {
    const known = this.#stamps.get(path);
    if (known !== undefined) return known;
    this.prefetch([path]);
    const stamp = this.#stamps.get(path);
    if (stamp === undefined) throw new Error(`no stamp for ${path}`);
    return stamp;
  }

  kind(path: AbsolutePath): PathKind {
    return stampKind(this.stamp(path));
  }

  /** Hash of a file's content; undefined when it is no file or cannot be read. */
  hash(path: AbsolutePath): bigint | undefined {
    if (!this.#hashes.has(path)) this.#hashes.set(path, this.#memo.hash(path, this.stamp(path)));
    return this.#hashes.get(path);
  }

  /** Text of a link; undefined when it is none. */
  linkTarget(path: AbsolutePath): string | undefined {
    if (this.kind(path) !== "link") return undefined;
    return readIfPossible(() => decodePath(readlinkSync(diskPath(path), { encoding: "buffer" })));
  }

  /** Names in a directory, in no particular order; undefined when it is none or cannot be read. */
  names(path: AbsolutePath): Iterable<string> | undefined {
    return this.#listings.has(path) ? this.#listings.get(path)?.keys() : readNames(path);
  }

  /** Entries of a directory; undefined when it is none or cannot be read. */
  listing(path: AbsolutePath): Listing | undefined {
    if (!this.#listings.has(path)) this.#listings.set(path, readListing(path));
    return this.#listings.get(path);
  }

  /** The directories from the root down to the one that holds `path`, root excluded. */
  *ancestors(path: AbsolutePath): Generator<AbsolutePath> {
    let directory = directoryOf(path);
    while (directory.length > this.root.length) {
      yield directory;
      directory = directoryOf(directory);
    }
  }
}

function readListing(path: AbsolutePath): Listing | undefined {
  const entries = readDirectory(path);
  if (entries === undefined) return undefined;
  const kinds = new Map(entries);
  const listing = new Map<string, ListedKind>();
  for (const name of sortPaths(kinds.keys())) listing.set(name, kinds.get(name) ?? "other");
  return listing;
}

/** A path may vanish, or be closed to us, at any time: both count as "cannot be read". */
function readIfPossible<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof Error && "code" in error) return undefined;
    throw error;
  }
}
