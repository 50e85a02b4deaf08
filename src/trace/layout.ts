import type { ListedKind } from "../base/directory.ts";
import type { AccessKind, AccessResult, IncompleteReason } from "./access.ts";

/*
 * The numbers of `native/vt.h`, which says what they mean. A test compares the two.
 */

export const headerBytes = 4096;

/** Offsets in the header. */
export const header = { recordsOffset: 48, incomplete: 72, filterError: 76 } as const;

export const recordHeaderBytes = 24;

/** State of a record that is whole. */
export const committed = 3;

export const recordFlag = { following: 1, stamp: 2, listing: 4, listingEnds: 8 } as const;

/** Kinds that are more, or other, than an access. */
export const recordKinds = { list: 3, listMore: 14, incomplete: 15, ring: 16 } as const;

export const accessKinds: readonly (AccessKind | undefined)[] = [
  undefined,
  "read",
  "probe",
  "list",
  "readlink",
  "execute",
  "write",
  "make-directory",
  "make-link",
  "hard-link",
  "rename",
  "remove",
  "truncate",
  "metadata",
];

export const results: readonly AccessResult[] = ["ok", "missing", "refused", "unknown"];
export const listedKinds: readonly (ListedKind | undefined)[] = [
  undefined,
  "file",
  "directory",
  "link",
  "other",
];

export const openFlag = { reads: 1, creates: 2, exclusive: 4, truncates: 8, appends: 16 } as const;

/** `enum vt_metadata`. */
export const metadataDetail = { times: 1 } as const;

/** Of the kernel's flags for a rename, in `detail`. */
export const renameFlag = { noReplace: 1 } as const;

/** `enum vt_incomplete`, without those that name a program. */
export const incompleteBit = { full: 0, filterRefused: 1, listenerLost: 2, unreadable: 5 } as const;
export const programReasons: Readonly<Record<number, ProgramReason>> = {
  3: "foreign-architecture",
  4: "privileged-program",
  6: "untraced-program",
  7: "moved-root",
  8: "by-handle",
};

type ProgramReason = Extract<IncompleteReason, { readonly program: string }>["kind"];
