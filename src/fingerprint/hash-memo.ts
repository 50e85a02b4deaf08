import type { AbsolutePath } from "../base/path.ts";
import { isSameStamp, type Stamp, unprovenStamp } from "../native/stamp.ts";
import { provenStamp } from "./clock.ts";
import { hashFile } from "./hash-file.ts";

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
