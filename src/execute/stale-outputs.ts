import { existsSync, rmdirSync, unlinkSync } from "node:fs";
import { HeldDirectories } from "../archive/held-directories.ts";
import { errnoOf } from "../base/file.ts";
import {
  comparePaths,
  directoryOf,
  diskPath,
  resolvePath,
  type WorkspacePath,
  workspacePath,
} from "../base/path.ts";
import type { EntryContent } from "../cache/entry.ts";
import { type Hit, readTreeRecords } from "../cache/lookup.ts";
import { isRowInPlace } from "../cache/row.ts";
import { decodeStepRecord } from "../cache/step-record.ts";
import type { TreeRecord } from "../cache/tree-record.ts";
import type { Tree } from "../fingerprint/tree.ts";
import { isSameStamp, stampKind } from "../native/stamp.ts";
import { statOne } from "../native/stat-one.ts";
import type { PreparedUnit } from "./prepared-unit.ts";
import type { Session } from "./session.ts";
import { readOutput } from "./spawn.ts";

/**
 * On a hit, files of an earlier state go that running the step anew would not have left: what the
 * step made in this tree, nobody has changed since, and the entry neither has nor depends on. Only when
 * the step's last result had the same key, and never what another step has too or git tracks. Returns what
 * is gone.
 */
export async function removeStaleOutputs(
  unit: PreparedUnit,
  hit: Hit,
  session: Session,
): Promise<ReadonlySet<WorkspacePath>> {
  const candidates = staleCandidates(unit, hit, session);
  if (candidates.length === 0) return new Set();
  const tracked = await trackedByGit(candidates, session);
  const gone = new Set<WorkspacePath>();
  // Children before the directories that hold them.
  for (const path of candidates.sort(comparePaths).reverse()) {
    if (tracked.has(path)) continue;
    // Something else may be in the directory, or it is no longer ours to remove.
    if (removeOwn(unit.tree, path) === undefined) gone.add(path);
  }
  return gone;
}

/** Whether the step owns a path that the entry does not have. */
export function hasSurplus({ owned }: TreeRecord, { manifest }: EntryContent): boolean {
  let count = 0;
  for (const { path } of manifest) if (owned.has(path)) count += 1;
  return count < owned.size;
}

function staleCandidates(
  { tree, items }: PreparedUnit,
  { key, entry, treeRecord }: Hit,
  { cache }: Session,
): WorkspacePath[] {
  if (!hasSurplus(treeRecord, entry)) return [];
  const wanted = new Set(entry.manifest.map(({ path }) => path));
  const surplus = [...treeRecord.owned.values()].filter(({ row }) => !wanted.has(row.path));
  const last = cache.attempt((database) => {
    const bytes = database.record("step", items[0].stepDigest);
    return bytes && decodeStepRecord(bytes);
  });
  if (last?.key !== key) return [];
  const others = pathsOfOthers(key, cache);
  if (others === undefined) return [];
  const stale = surplus
    .filter(({ row, stamp }) => {
      if (others.has(row.path)) return false;
      return isSameStamp(tree.stamp(tree.at(row.path)), stamp) || isRowInPlace(tree, row);
    })
    .map(({ row }) => row.path);
  return stale.length === 0 ? stale : withoutInputs(stale, entry);
}

/** What the entry's run found there and left is no output of it, but running anew would leave it, too. */
function withoutInputs(
  paths: readonly WorkspacePath[],
  { declared, inferred }: Hit["entry"],
): WorkspacePath[] {
  const found = new Set<WorkspacePath>();
  for (const conditions of [declared, inferred])
    for (const { path, state } of conditions) {
      if (state.kind !== "missing") found.add(path);
      if (state.kind !== "listing") continue;
      for (const name of state.entries.keys())
        found.add(workspacePath(path === "" ? name : `${path}/${name}`));
    }
  return paths.filter((path) => !found.has(path));
}

/** Undefined when that cannot be found out. */
function pathsOfOthers(key: string, cache: Session["cache"]): Set<WorkspacePath> | undefined {
  const records = readTreeRecords(cache);
  if (records === undefined) return undefined;
  const others = [...records].filter(([other]) => other !== key);
  return new Set(others.flatMap(([, { owned }]) => [...owned.keys()]));
}

/** With those of which git cannot be asked although it is in charge here. */
async function trackedByGit(
  paths: readonly WorkspacePath[],
  { root }: Session,
): Promise<ReadonlySet<string>> {
  let directory = root;
  while (!existsSync(diskPath(resolvePath(directory, ".git")))) {
    if (directory === directoryOf(directory)) return new Set();
    directory = directoryOf(directory);
  }
  // An argument is text: of names that are none git cannot be asked.
  const names = paths.filter((path) => path.isWellFormed());
  const listed = await readOutput(["git", "ls-files", "-z", "--", ...names], root);
  if (listed === undefined) return new Set(paths);
  return new Set([...listed.split("\0"), ...paths.filter((path) => !path.isWellFormed())]);
}

/**
 * Removes a file, a link, or an empty directory, but nothing that lies behind a link. Returns the errno
 * where that cannot be done.
 */
export function removeOwn({ root }: Tree, path: WorkspacePath): string | undefined {
  using held = new HeldDirectories(root);
  try {
    const at = held.at(path);
    if (stampKind(statOne(at)) === "directory") rmdirSync(diskPath(at));
    else unlinkSync(diskPath(at));
    return undefined;
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === undefined) throw error;
    return errno;
  }
}
