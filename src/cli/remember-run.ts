import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { errnoOf, removeAny, removeIfPresent } from "../base/file.ts";
import { compileGlobs } from "../base/glob.ts";
import type { Host } from "../base/host.ts";
import {
  type AbsolutePath,
  absolutePath,
  directoryOf,
  diskPath,
  inWorkspace,
  resolvePath,
} from "../base/path.ts";
import { placesWalked } from "../base/walk.ts";
import { keptRuns } from "../cache/kept-runs.ts";
import {
  encodeRemembered,
  rememberedBytesMax,
  rememberedPath,
  runKey,
} from "../cache/remembered.ts";
import { useIntervalMs } from "../cache/store.ts";
import { nestedRunMark } from "../execute/nested-run.ts";
import type { SettledUse } from "../execute/session.ts";
import { nativeLibrary } from "../native/library.ts";
import { lastRunAround } from "../report/last-run.ts";
import type { Recorded } from "../report/recording.ts";
import type { RunSummary } from "../report/summary.ts";
import type { Terminal } from "../report/terminal.ts";
import { configPath } from "../task/config-file.ts";
import { manifestPath } from "../workspace/manifest.ts";
import { findMembers, placesOfMembers } from "../workspace/members.ts";
import { rootFiles } from "../workspace/root.ts";
import type { ReadWorkspace } from "./read-workspace.ts";
import { collectFacts } from "./run-facts.ts";

/** What a run leaves when its cache is closed. */
export type RunEnd = {
  readonly exitCode: number;
  readonly uses: readonly SettledUse[];
  /** Undefined where nothing can be written to it. */
  readonly cacheDirectory: AbsolutePath | undefined;
};

/** A run of which nothing is left to be done. */
type EndedRun = RunEnd & {
  readonly workspace: ReadWorkspace;
  /** Before it looked at anything. */
  readonly beganAtMs: number;
  readonly recorded: Recorded;
  /** What its plan asked of the disk. */
  readonly looked: Iterable<AbsolutePath>;
  readonly summary: RunSummary;
};

/** So many runs of one workspace are kept: those that were worked out last. */
const runsMax = 8;

/**
 * Keeps a run for `recall`, if it was one that the same command would only repeat. What goes wrong with that
 * is nobody's loss.
 */
export function rememberRun(run: EndedRun, host: Host, hasColours: Terminal["hasColours"]): void {
  const { uses, recorded, cacheDirectory } = run;
  const hits = uses.reduce((sum, { steps }) => sum + steps.length, 0);
  const isSettled = hits > 0 && hits === recorded.hits && !uses.some((use) => use.hasConditions);
  const canBeRecalled = typeof nativeLibrary() !== "string";
  if (!isSettled || cacheDirectory === undefined || !canBeRecalled) return;
  const { root } = run.workspace;
  const expectations = collectFacts({
    root,
    beganAtMs: run.beganAtMs,
    steps: uses.map((use) => use.expectations),
    looked: placesOf(run),
    own: ownFiles(cacheDirectory, host),
  });
  if (expectations === undefined) return;
  const { args, cwd, executable, user } = host;
  const key = runKey({
    ...{ args, cwd, executable, user, environment: environmentOf(host) },
    hasColours: [hasColours.stdout(), hasColours.stderr()],
  });
  const bytes = encodeRemembered(key, {
    ...{ root, expectations, text: recorded.text },
    validUntilMs: Math.min(...uses.map(({ usedMs }) => usedMs)) + useIntervalMs,
    summaryAround: lastRunAround(run.summary),
  });
  if (bytes.length <= rememberedBytesMax)
    write(absolutePath(rememberedPath(cacheDirectory, key)), bytes, host.pid);
}

/** As vt was started with it, before it went one level deeper. */
function environmentOf({
  environment: { VT_DEPTH: _, ...environment },
}: Host): Host["environment"] {
  return environment;
}

/** Everything that decides what is run: configuration, where that is looked for, programs. */
function* placesOf({ workspace, uses, looked }: EndedRun): Generator<AbsolutePath> {
  const { root, declared, packages } = workspace;
  for (const directory of declared.searched) yield* rootFiles(directory);
  for (const place of placesOfMembers(root, declared.members)) yield inWorkspace(root, place);
  for (const member of findMembers(root, declared.members))
    yield manifestPath(inWorkspace(root, member));
  for (const { directory } of packages.packages.values()) {
    yield manifestPath(directory);
    yield configPath(directory);
  }
  for (const { input } of uses)
    if (input.positive.length > 0)
      for (const place of placesWalked(root, compileGlobs(input))) yield inWorkspace(root, place);
  yield* looked;
  // Nobody makes it: that it is looked at tells whoever watches that this is a run.
  yield resolvePath(root, nestedRunMark);
}

/** Whoever writes to the database changes one of the two files. */
function ownFiles(cacheDirectory: AbsolutePath, { executable }: Host): readonly AbsolutePath[] {
  return [
    ...["cache.db", "cache.db-wal"].map((name) => resolvePath(cacheDirectory, name)),
    executable,
  ];
}

function write(path: AbsolutePath, bytes: Uint8Array, pid: number): void {
  const directory = directoryOf(path);
  const aside = absolutePath(`${path}.${pid}.tmp`);
  try {
    makeDirectory(directory);
    writeFileSync(diskPath(aside), bytes, { flag: "wx" });
    renameSync(diskPath(aside), diskPath(path));
    forgetOldest(directoryOf(directory));
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    removeIfPresent(aside);
  }
}

/** Not where the cache has just been removed. */
function makeDirectory(directory: AbsolutePath): void {
  try {
    mkdirSync(diskPath(directory), { mode: 0o700 });
  } catch (error) {
    if (errnoOf(error) !== "EEXIST") throw error;
  }
}

function forgetOldest(cacheDirectory: AbsolutePath): void {
  for (const { path } of keptRuns(cacheDirectory).slice(0, -runsMax)) removeAny(path);
}
