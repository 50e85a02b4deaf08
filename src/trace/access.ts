import type { ListedKind } from "../base/directory.ts";
import type { Stamp } from "../native/stamp.ts";

/**
 * What one call did to one path:
 *
 * - looks: `read` (opened for reading), `probe` (stat, access), `list`, `readlink`, `execute`
 * - writes: `write` (opened for writing, see `write`), `make-directory`, `make-link`, `hard-link`,
 *   `rename`, `remove` (unlink, rmdir), `truncate`, `metadata` (mode, owner, times, attributes)
 */
export type AccessKind =
  | "read"
  | "probe"
  | "list"
  | "readlink"
  | "execute"
  | "write"
  | "make-directory"
  | "make-link"
  | "hard-link"
  | "rename"
  | "remove"
  | "truncate"
  | "metadata";

export type AccessResult =
  | "ok"
  /** ENOENT, or ENOTDIR on the way. */
  | "missing"
  /** Something was in the way (EEXIST, EISDIR, EACCES…): the call changed nothing. */
  | "refused"
  /** Recorded before the call by something that does not learn how it ended. */
  | "unknown";

/** How a file was opened for writing. */
export type OpenFlags = {
  readonly canRead: boolean;
  readonly creates: boolean;
  readonly isExclusive: boolean;
  readonly truncates: boolean;
  readonly appends: boolean;
};

/** One observed touch. The order of accesses in a trace is the order in which they happened. */
export type Access = {
  readonly kind: AccessKind;
  /**
   * Absolute, as the program named it: links are not resolved, `.` and `//` are gone. A `..` that
   * follows a name stays, because what it means depends on whether that name is a link.
   */
  readonly path: string;
  /** Where a `rename` or `hard-link` leads (`path` is its source). */
  readonly target?: string;
  /** `make-link` only: what the link says, as it is; empty where it could not be had. */
  readonly text?: string;
  readonly result: AccessResult;
  /**
   * What stood there: for a look when it was looked at, for a write just before it (of `rename` and
   * `hard-link`: at `target`; their source has a `read` of its own before them). Only the first look
   * and the first write of a path are sure to carry one.
   */
  readonly stamp?: Stamp;
  /** Whether a link at the end of the path was followed, by the call and so by the stamp. */
  readonly isFollowing: boolean;
  /** `write`, and a `rename` that fails where something is: that is exclusive. */
  readonly flags?: OpenFlags;
  /** `metadata` only: nothing but times was set. */
  readonly areOnlyTimes?: boolean;
  /** `list` only, at the first look: names and kinds as they were then, without `.` and `..`. */
  readonly listing?: ReadonlyMap<string, ListedKind>;
  readonly pid: number;
};

/** What the tracer knows that it could not see. Any one of these keeps a run out of the cache. */
export type IncompleteReason =
  | { readonly kind: "channel-full" }
  | { readonly kind: "filter-refused"; readonly detail: string }
  | { readonly kind: "listener-lost" }
  | { readonly kind: "foreign-architecture"; readonly program: string }
  | { readonly kind: "privileged-program"; readonly program: string }
  | { readonly kind: "unreadable-memory" }
  | { readonly kind: "untraced-program"; readonly program: string }
  /** It made paths mean something else to itself: another root directory, a mount. */
  | { readonly kind: "moved-root"; readonly program: string }
  /** It asked for a file by a handle, which says nothing of its path. */
  | { readonly kind: "by-handle"; readonly program: string }
  | { readonly kind: "damaged-record" };

export type Trace = {
  readonly accesses: readonly Access[];
  readonly incomplete: readonly IncompleteReason[];
  /** Programs that asked for io_uring, which a traced task has to do without. */
  readonly withoutRing: readonly string[];
};
