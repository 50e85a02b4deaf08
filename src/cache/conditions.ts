import { ByteReader } from "../base/bytes.ts";
import { type AbsolutePath, comparePaths, type WorkspacePath } from "../base/path.ts";
import { provenStamp } from "../fingerprint/clock.ts";
import type { Condition, PathState, Tolerance } from "../fingerprint/condition.ts";
import {
  checkPacked,
  didProvePacked,
  type FoundConditions,
  findConditions,
  listPacked,
  type PackedConditions,
  type PackedStamps,
  verdict,
} from "../native/conditions.ts";
import type { Stamp } from "../native/stamp.ts";
import { readCondition, sortOf } from "./codec.ts";

/** Conditions, in whatever form they are kept. */
export type Conditions = Iterable<Condition> & { readonly length: number };

/**
 * The conditions of an entry as the database has them. There may be very many, and nearly all hold: they
 * are checked and given new stamps where they lie, and each is decoded when it is asked for.
 */
export class StoredConditions implements Conditions {
  readonly #packed: PackedConditions;

  private constructor(packed: PackedConditions) {
    this.#packed = packed;
  }

  /** Reads the list that comes next. Throws `DamagedBytes` when the bytes are not those of conditions. */
  static read(input: ByteReader): StoredConditions {
    const count = input.count();
    const rest = input.rest();
    const found = findConditions(rest, count) ?? findOneByOne(rest, count);
    const bytes = input.take(found.starts[count] ?? 0);
    return new StoredConditions({ ...found, bytes, count, verdicts: new Uint8Array(count) });
  }

  get length(): number {
    return this.#packed.count;
  }

  /** All of them, encoded. */
  get bytes(): Uint8Array {
    return this.#packed.bytes;
  }

  *[Symbol.iterator](): Generator<Condition, void, undefined> {
    for (let index = 0; index < this.length; index++) yield this.at(index);
  }

  at(index: number): Condition {
    return readCondition(this.#readerOf(index));
  }

  /** Gives one of them the stamp of now. */
  renew(index: number, stamp: Stamp): void {
    this.at(index).stamp.set(stamp); // What is decoded refers to the bytes.
  }

  /** Checks those from `first` to before `end` as far as that can be done without decoding them. */
  check(
    root: AbsolutePath,
    range: { readonly first: number; readonly end: number; readonly nowMs: number },
  ): { readonly open: readonly number[]; readonly isFresh: boolean } {
    const { verdicts } = this.#packed;
    checkPacked(root, this.#packed, range);
    const checked = verdicts.subarray(range.first, range.end);
    const isFresh = checked.includes(verdict.renewed);
    return { open: indicesOf(verdict.open, checked, range.first), isFresh };
  }

  /**
   * What stands at the paths of those whose stamps are of now; undefined where one is so young that it
   * proves nothing.
   */
  proven(nowMs: number): PackedStamps | undefined {
    return listPacked(this.#packed, nowMs);
  }

  /** What stands at `path`, if `proven` tells of it. They must be sorted by path. */
  provenAt(path: WorkspacePath): Stamp | undefined {
    const { verdicts } = this.#packed;
    let [low, high] = [0, this.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (comparePaths(this.#readerOf(middle).text(), path) < 0) low = middle + 1;
      else high = middle;
    }
    const isProven = verdicts[low] === verdict.same || verdicts[low] === verdict.renewed;
    const found = isProven ? this.at(low) : undefined;
    return found?.path === path ? found.stamp : undefined;
  }

  /** Those whose stamps, of now as well, say next to nothing: directories, and what may be missing. */
  *holding(): Generator<Condition, void, undefined> {
    yield* this.#with(verdict.holds);
  }

  /** Those that had to be decoded to be checked. */
  *open(): Generator<Condition, void, undefined> {
    yield* this.#with(verdict.open);
  }

  /** Takes away the stamps that prove nothing. */
  prove(nowMs: number): void {
    if (didProvePacked(this.#packed, nowMs)) return;
    for (let index = 0; index < this.length; index++)
      this.renew(index, provenStamp(this.at(index).stamp, nowMs));
  }

  /** Those of one kind with one tolerance, in order. */
  *ofSort(kind: PathState["kind"], tolerance: Tolerance): Generator<Condition, void, undefined> {
    for (const index of indicesOf(sortOf(kind, tolerance), this.#packed.sorts, 0))
      yield this.at(index);
  }

  *#with(found: number): Generator<Condition, void, undefined> {
    for (const index of indicesOf(found, this.#packed.verdicts, 0)) yield this.at(index);
  }

  #readerOf(index: number): ByteReader {
    const { bytes, starts } = this.#packed;
    return new ByteReader(bytes.subarray(starts[index], starts[index + 1]));
  }
}

function indicesOf(value: number, verdicts: Uint8Array, offset: number): number[] {
  const indices: number[] = [];
  for (let at = verdicts.indexOf(value); at !== -1; at = verdicts.indexOf(value, at + 1))
    indices.push(offset + at);
  return indices;
}

/** As the library does it. */
function findOneByOne(bytes: Buffer, count: number): FoundConditions {
  const input = new ByteReader(bytes);
  const starts = new Uint32Array(count + 1);
  const sorts = new Uint8Array(count);
  for (let index = 0; index < count; index++) {
    const { state, tolerance } = readCondition(input);
    starts[index + 1] = input.position;
    sorts[index] = sortOf(state.kind, tolerance);
  }
  return { starts, sorts };
}
