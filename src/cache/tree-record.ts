import type { ManifestEntry } from "../archive/manifest.ts";
import { ByteReader, ByteWriter, DamagedBytes } from "../base/bytes.ts";
import { type WorkspacePath, workspacePath } from "../base/path.ts";
import type { Stamp } from "../native/stamp.ts";
import { readRow, readStamp, writeRow } from "./codec.ts";
import { finishToSeal } from "./seal.ts";
import { storedStampBytes } from "./stored-lists.ts";

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
  readonly overwritten: ReadonlyMap<WorkspacePath, OwnedPath>;
};

export const emptyTreeRecord: TreeRecord = {
  owned: new Map(),
  overlaps: [],
  overwritten: new Map(),
};

export function encodeTreeRecord({ owned, overlaps, overwritten }: TreeRecord): Buffer {
  const out = new ByteWriter();
  for (const paths of [owned, overwritten]) {
    out.list([...paths.values()], ({ row, stamp }) => {
      writeRow(out, row);
      out.bytes(stamp);
    });
  }
  return finishToSeal(out.list(overlaps, (path) => out.text(path)));
}

/** One as a record has it: nearly nobody asks for the stamp. */
class StoredOwnedPath implements OwnedPath {
  readonly row: ManifestEntry;
  readonly #bytes: Buffer;
  readonly #start: number;

  constructor(input: ByteReader) {
    this.row = readRow(input);
    this.#bytes = input.all;
    this.#start = input.position;
    input.skipPiece();
    if (input.position !== this.#start + storedStampBytes) throw new DamagedBytes("not a stamp");
  }

  get stamp(): Stamp {
    return readStamp(new ByteReader(this.#bytes.subarray(this.#start)));
  }
}

/** Throws `DamagedBytes` when the bytes are not those of a tree record. */
export function decodeTreeRecord(bytes: Uint8Array): TreeRecord {
  const input = new ByteReader(bytes);
  const rows = (): Map<WorkspacePath, OwnedPath> =>
    new Map(
      input.list(() => {
        const owned = new StoredOwnedPath(input);
        return [owned.row.path, owned];
      }),
    );
  return {
    owned: rows(),
    overwritten: rows(),
    overlaps: input.list(() => workspacePath(input.text())),
  };
}
