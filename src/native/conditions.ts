import type { AbsolutePath } from "../base/path.ts";
import { nativeLibrary } from "./library.ts";
import { stampBytes } from "./stamp.ts";
import { nativeText } from "./text.ts";

/** Encoded conditions that can be checked where they lie (`native/conditions.c`). */
export type PackedConditions = {
  /** One behind the other; stamps in them are renewed. */
  readonly bytes: Buffer;
  readonly count: number;
  /** Where each begins, and where the last one ends. */
  readonly starts: Uint32Array;
  /** Of which sort each is: see `sortOf` of `cache/codec.ts`. */
  readonly sorts: Uint8Array;
  /** What is known of each. */
  readonly verdicts: Uint8Array;
};

/** What tells conditions apart that were not decoded. */
export type FoundConditions = Pick<PackedConditions, "starts" | "sorts">;

/**
 * What is known of a condition: nothing; that what stands there is the same, or is but for its stamp; that
 * its stamp does not matter. It has got the stamp of now, if anything is known.
 */
export const verdict = { open: 0, same: 1, renewed: 2, holds: 3 } as const;

/** Undefined without the library, or where `bytes` do not begin with so many conditions. */
export function findConditions(bytes: Buffer, count: number): FoundConditions | undefined {
  const library = nativeLibrary();
  if (typeof library === "string") return undefined;
  const starts = new Uint32Array(count + 1);
  const sorts = new Uint8Array(count);
  if (count === 0) return { starts, sorts };
  const found = library.conditions().vt_find_conditions(bytes, bytes.length, count, starts, sorts);
  return found === 0 ? { starts, sorts } : undefined;
}

/** Finds out as much as can be found without decoding, of the conditions from `first` to before `end`. */
export function checkPacked(
  root: AbsolutePath,
  { bytes, starts, verdicts }: PackedConditions,
  range: { readonly first: number; readonly end: number; readonly nowMs: number },
): void {
  const library = nativeLibrary();
  const { first, end, nowMs } = range;
  if (typeof library === "string" || first === end) return;
  const at = nativeText(root);
  library.conditions().vt_check_conditions(at, bytes, starts, verdicts, first, end, nowMs);
}

/** What stands at paths, in the form of `PackedExpectations`. */
export type PackedStamps = {
  readonly count: number;
  readonly paths: Buffer;
  readonly stamps: Buffer;
};

/** Those that are the same or renewed; undefined where a stamp is so young that it proves nothing. */
export function listPacked(
  { bytes, starts, verdicts, count }: PackedConditions,
  nowMs: number,
): PackedStamps | undefined {
  const library = nativeLibrary();
  const none = Buffer.alloc(0);
  if (typeof library === "string" || count === 0) return { count: 0, paths: none, stamps: none };
  // A condition takes up more than its path and a NUL.
  const paths = Buffer.allocUnsafe(bytes.length);
  const stamps = Buffer.allocUnsafe(count * stampBytes);
  const found = new Uint32Array(2);
  const { vt_list_conditions: list } = library.conditions();
  if (list(bytes, starts, verdicts, count, nowMs, paths, stamps, found) !== 0) return undefined;
  const [listed = 0, pathBytes = 0] = found;
  return {
    count: listed,
    paths: paths.subarray(0, pathBytes),
    stamps: stamps.subarray(0, listed * stampBytes),
  };
}

/** Takes the stamps away that are so young that they prove nothing. False without the library. */
export function didProvePacked({ bytes, starts, count }: PackedConditions, nowMs: number): boolean {
  const library = nativeLibrary();
  if (typeof library === "string") return false;
  if (count > 0) library.conditions().vt_prove_conditions(bytes, starts, count, nowMs);
  return true;
}
