import type { WorkspacePath } from "../base/path.ts";
import { readTreeRecord } from "../cache/lookup.ts";
import { isRowInPlace } from "../cache/row.ts";
import type { OwnedPath, TreeRecord } from "../cache/tree-record.ts";
import { matchFiles } from "../fingerprint/declared.ts";
import { readState } from "../fingerprint/state.ts";
import { isSameStamp, type Stamp } from "../native/stamp.ts";
import type { EarlierState } from "../observe/context.ts";
import type { PreparedUnit } from "./prepared-unit.ts";
import type { Session } from "./session.ts";

/** What earlier runs had left in the tree, checked before this one could change it. */
export type BeforeRun = {
  /** Of the unit's key alone. */
  readonly ownRecord: TreeRecord;
  /** Of the unit and of its items: what an item made by itself is the unit's own, too. */
  readonly record: TreeRecord;
  /** Owned paths that nobody had changed. */
  readonly owned: ReadonlySet<WorkspacePath>;
  /** Outputs, but not its own, that nobody had changed since the step wrote them. */
  readonly overwritten: ReadonlySet<WorkspacePath>;
  /** Files that the `output` patterns matched. */
  readonly declaredOutputs: ReadonlyMap<WorkspacePath, Stamp>;
  /** Paths that the step read and then changed last time, although they were not its own. */
  readonly overlapped: ReadonlyMap<WorkspacePath, EarlierState>;
};

export function lookBefore(
  { key, items, tree, policy }: PreparedUnit,
  session: Session,
): BeforeRun {
  using _ = session.profile.begin("hash", items[0].step);
  const ownRecord = readTreeRecord(session.cache, key);
  const record =
    items.length === 1
      ? ownRecord
      : joinRecords([ownRecord, ...items.map((item) => readTreeRecord(session.cache, item.key))]);
  const now = tree.again();
  now.prefetch([...record.owned.keys(), ...record.overlaps].map((path) => now.at(path)));
  const intact = (paths: ReadonlyMap<WorkspacePath, OwnedPath>): Set<WorkspacePath> =>
    new Set(
      [...paths.values()]
        .filter(
          ({ row, stamp }) =>
            isSameStamp(now.stamp(now.at(row.path)), stamp) || isRowInPlace(now, row),
        )
        .map(({ row }) => row.path),
    );
  const declaredOutputs = matchFiles(now, policy.output).map(
    (path) => [path, now.stamp(now.at(path))] as const,
  );
  const overlapped = record.overlaps.flatMap((path) => {
    const state = readState(now, now.at(path));
    const stamp = now.stamp(now.at(path));
    return state === undefined ? [] : [[path, { state, stamp }] as const];
  });
  return {
    ownRecord,
    record,
    owned: intact(record.owned),
    overwritten: intact(record.overwritten),
    declaredOutputs: new Map(declaredOutputs),
    overlapped: new Map(overlapped),
  };
}

/**
 * As it was before runs that turned out to be one. What each found when it began is the whole's, too,
 * but for what an earlier one may have changed: the states of files.
 */
export function joinBefore(
  runs: readonly [BeforeRun, ...BeforeRun[]],
  ownRecord: TreeRecord,
): BeforeRun {
  const [first] = runs;
  return {
    ownRecord,
    record: joinRecords([ownRecord, ...runs.map(({ record }) => record)]),
    owned: new Set(runs.flatMap(({ owned }) => [...owned])),
    overwritten: new Set(runs.flatMap(({ overwritten }) => [...overwritten])),
    declaredOutputs: first.declaredOutputs,
    overlapped: first.overlapped,
  };
}

/** Where two know a path, the first has it. */
function joinRecords(records: readonly TreeRecord[]): TreeRecord {
  const later = records.toReversed();
  return {
    owned: new Map(later.flatMap(({ owned }) => [...owned])),
    overlaps: [...new Set(records.flatMap(({ overlaps }) => overlaps))],
    overwritten: new Map(later.flatMap(({ overwritten }) => [...overwritten])),
  };
}
