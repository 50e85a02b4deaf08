import type { ManifestEntry } from "../archive/manifest.ts";
import type { AbsolutePath, WorkspacePath } from "../base/path.ts";
import type { PathState } from "../fingerprint/condition.ts";
import type { Exclusions } from "../fingerprint/exclusions.ts";
import type { GitPlace } from "../fingerprint/git-state.ts";
import type { Tree } from "../fingerprint/tree.ts";
import type { Stamp } from "../native/stamp.ts";

/** What is known of a step before it runs, and how its traces are to be read. */
export type RunContext = {
  /** The workspace after the run. */
  readonly tree: Tree;
  readonly exclusions: Exclusions;
  /** Whether a look at the path, or a change of it, counts: the configuration's negatives and tools' words. */
  readonly countsAsInput: (path: WorkspacePath) => boolean;
  readonly countsAsOutput: (path: WorkspacePath) => boolean;
  /** Whether a negative pattern or a tool's word takes the path out of either side. */
  readonly isDissolved: (path: WorkspacePath) => boolean;
  /** Paths the step had made before and nobody had changed when the run began. */
  readonly owned: ReadonlyMap<WorkspacePath, ManifestEntry["kind"]>;
  /** What links said before the run, as far as that is known of those that it may change. */
  readonly linkTexts: ReadonlyMap<WorkspacePath, string>;
  /** What was read before the run, of the paths that the step overlapped last time. */
  readonly before: ReadonlyMap<WorkspacePath, EarlierState>;
  /** The repository whose work tree holds the workspace. */
  readonly git: GitPlace | undefined;
  /** A directory above the workspace in which looks count, too: the work tree that it is a part of. */
  readonly around: AbsolutePath | undefined;
  /** Packages from elsewhere that are linked into the workspace. */
  readonly linked: readonly LinkedPlace[];
  /** Directories outside the workspace that any step may write to. */
  readonly scratch: readonly AbsolutePath[];
  readonly clock: ChangeClock;
};

/** A path as it was before the run. */
export type EarlierState = { readonly state: PathState; readonly stamp: Stamp };

/** When a change counts as one that was made while the run went on. */
export type ChangeClock = {
  /** When the run began, nanoseconds since the epoch. */
  readonly startedAt: bigint;
  /** Whether this file system gives every change a time of its own. */
  readonly isFine: boolean;
};

/** A directory elsewhere that a link of the workspace leads to. */
export type LinkedPlace = { readonly link: WorkspacePath; readonly target: AbsolutePath };
