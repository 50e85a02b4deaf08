import type { AbsolutePath } from "../base/path.ts";
import { readSmallFiles, type SeenFile } from "../native/files.ts";
import { isSameStamp, type Stamp, unprovenStamp } from "../native/stamp.ts";
import { provenStamp } from "./clock.ts";
import { hashContent, hashFile } from "./hash-file.ts";

/**
 * Hashes of files, each read once in a run for as long as its stamp stays the same: steps share most
 * of what they read, from the compiler to the runtime it runs on.
 */
export class HashMemo {
  readonly #known = new Map<AbsolutePath, { readonly stamp: Stamp; readonly hash: bigint }>();
  readonly #now: () => number;

  /** `now`: milliseconds since the epoch. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Hashes of small files, many read in a call. Those that are left out are for `hash`. */
  hashMany(files: readonly SeenFile[]): ReadonlyMap<AbsolutePath, bigint> {
    const hashes = new Map<AbsolutePath, bigint>();
    const isNew = ({ path, stamp }: SeenFile): boolean => {
      const known = this.#known.get(path);
      return known === undefined || !isSameStamp(known.stamp, stamp);
    };
    const nowMs = this.#now();
    readSmallFiles(files.filter(isNew), ({ path, stamp }, content) => {
      const hash = hashContent(content);
      hashes.set(path, hash);
      if (provenStamp(stamp, nowMs) !== unprovenStamp) this.#known.set(path, { stamp, hash });
    });
    return hashes;
  }

  /** Hash of the file whose stamp was taken before; undefined when it is no file or cannot be read. */
  hash(path: AbsolutePath, stamp: Stamp): bigint | undefined {
    const known = this.#known.get(path);
    if (known !== undefined && isSameStamp(known.stamp, stamp)) return known.hash;
    // Proven at the time of reading: a later change shows in the stamp.
    const proven = provenStamp(stamp, this.#now());
    const hash = hashFile(path);
    if (hash !== undefined && proven !== unprovenStamp) this.#known.set(path, { stamp, hash });
    return hash;
  }
}
