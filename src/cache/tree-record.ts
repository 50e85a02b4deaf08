import type { ManifestEntry } from "../archive/manifest.ts";
import { ByteReader, ByteWriter } from "../base/bytes.ts";
import { type WorkspacePath, workspacePath } from "../base/path.ts";
import type { Stamp } from "../native/stamp.ts";
import { readRow, readStamp, writeRow } from "./codec.ts";

/** A path that the step made where nothing stood, as its last run or restore left it. */
export type OwnedPath = { readonly row: ManifestEntry; readonly stamp: Stamp };

/**
 * What the runs of one cache key have left in this tree, stored or not: which paths are the step's
 * own, and which it read and then changed although they were not.
 */
export type TreeRecord = {
  readonly owned: ReadonlyMap<WorkspacePath, OwnedPath>;
  readonly overlaps: readonly WorkspacePath[];
  /** Paths that it wrote over what somebody else had put there: its outputs, but not its own. */
  readonly overwritten: readonly WorkspacePath[];
};

export const emptyTreeRecord: TreeRecord = { owned: new Map(), overlaps: [], overwritten: [] };

export function encodeTreeRecord({ owned, overlaps, overwritten }: TreeRecord): Buffer {
  const out = new ByteWriter();
  out.list([...owned.values()], ({ row, stamp }) => {
    writeRow(out, row);
    out.bytes(stamp);
  });
  for (const paths of [overlaps, overwritten]) out.list(paths, (path) => out.text(path));
  return out.finish();
}

/** Throws `DamagedBytes` when the bytes are not those of a tree record. */
export function decodeTreeRecord(bytes: Uint8Array): TreeRecord {
  const input = new ByteReader(bytes);
  const owned = input.list(() => {
    const row = readRow(input);
    return [row.path, { row, stamp: readStamp(input) }] as const;
  });
  const paths = (): WorkspacePath[] => input.list(() => workspacePath(input.text()));
  return { owned: new Map(owned), overlaps: paths(), overwritten: paths() };
}
