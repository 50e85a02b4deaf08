import type { WorkspacePath } from "../base/path.ts";
import type { Stamp } from "../native/stamp.ts";
import type { Listing } from "./tree.ts";

/** The state a path had when a run looked at it. */
export type PathState =
  | { readonly kind: "missing" }
  | { readonly kind: "file"; readonly hash: bigint; readonly isExecutable: boolean }
  | { readonly kind: "directory" }
  /** Names and kinds, without those that never count and those that are the step's own. */
  | { readonly kind: "listing"; readonly entries: Listing }
  | { readonly kind: "link"; readonly target: string }
  /** The path leads out of the workspace: what it leads to there (`outside.ts`). */
  | { readonly kind: "beyond"; readonly hash: bigint }
  /** Of `.git/HEAD` the commit it names, of `.git/index` a hash of its entries. */
  | { readonly kind: "git"; readonly value: string }
  /** Of a `CACHEDIR.TAG`: what is in its directory does not count. Without the directory that is so, too. */
  | { readonly kind: "tagged" }
  /** A pipe, a socket, a device: that it is there is all that counts. */
  | { readonly kind: "other" };

/**
 * What else than the recorded state is accepted at look-up:
 *
 * - `exact`: nothing.
 * - `may-be-missing`: the step made it and only looked at it; without it, it would be made again.
 * - `own-work`: the step looked at it and then changed it; it may be missing, or hold whatever a run
 *   with the same cache key left there.
 */
export type Tolerance = "exact" | "may-be-missing" | "own-work";

/** Something that must still hold for a result to be valid. */
export type Condition = {
  readonly path: WorkspacePath;
  readonly state: PathState;
  readonly tolerance: Tolerance;
  /** What `lstat` said when the state was read; equal stamps save reading it again. */
  readonly stamp: Stamp;
};
