import type { ListedKind } from "../base/directory.ts";
import { comparePaths, nameOf, parentOf, type WorkspacePath, workspacePath } from "../base/path.ts";
import type { Condition, Tolerance } from "../fingerprint/condition.ts";
import { isSameState } from "../fingerprint/state.ts";
import type { Listing } from "../fingerprint/tree.ts";
import { isSameStamp, stampKind, unprovenStamp } from "../native/stamp.ts";
import type { RunContext } from "./context.ts";
import type { Problem } from "./findings.ts";
import type { PathHistory } from "./history.ts";

/** Judges directories by their entries: whose they are, and whether somebody else was at work. */
export class ListingJudge {
  readonly #histories: ReadonlyMap<WorkspacePath, PathHistory>;
  readonly #context: RunContext;
  /** Directories in which, at any depth, something is the step's own. */
  readonly #holdsOwn = new Set<WorkspacePath>();
  /** The last of these that was met with. */
  #lastOwn: WorkspacePath | undefined;
  /** Of directories of which that was asked: what is in them that is not the step's own. */
  readonly #foreignNow = new Map<WorkspacePath, readonly string[]>();
  /** Directories that the run listed and then emptied. */
  readonly #emptied = new Set<WorkspacePath>();
  /** What was looked for by its own name and was not there. */
  readonly #sought = new Set<WorkspacePath>();

  constructor(histories: ReadonlyMap<WorkspacePath, PathHistory>, context: RunContext) {
    this.#histories = histories;
    this.#context = context;
    for (const [path, { isSought, listing, isFoundEmpty }] of histories) {
      if (isSought) this.#sought.add(path);
      const isListing = listing !== undefined && !isFoundEmpty;
      if (isListing && this.#areAllGone(path, listing)) this.#emptied.add(path);
    }
    for (const path of context.owned.keys()) this.#noteOwn(path);
    for (const [path, { hasChanged }] of histories) if (hasChanged) this.#noteOwn(path);
  }

  #noteOwn(path: WorkspacePath): void {
    const last = this.#lastOwn;
    // What follows on another mostly lies in the same directory.
    if (path === "" || (last?.length === path.lastIndexOf("/") && path.startsWith(last))) return;
    const directory = parentOf(path);
    // What is there no more is not restored, and neither are the directories above it.
    if (!this.#holdsOwn.has(directory) && this.#isMissing(path)) return;
    this.#lastOwn = directory;
    // Above a directory that is known all are known.
    for (let up = directory; !this.#holdsOwn.has(up); up = parentOf(up)) {
      this.#holdsOwn.add(up);
      if (up === "") break;
    }
  }

  /** Whether the step made it, in this run or in an earlier one, or changed it in this one. */
  #isOwn(path: WorkspacePath): boolean {
    return this.#context.owned.has(path) || this.#histories.get(path)?.hasChanged === true;
  }

  /**
   * The condition that `directory` still lists what it did, but for the `outputs`, which a hit puts there; a
   * problem when somebody else changed it meanwhile.
   */
  condition(
    directory: WorkspacePath,
    tolerance: Tolerance,
    outputs: ReadonlySet<WorkspacePath>,
  ): { readonly condition: Condition } | { readonly problem: Problem } {
    const { tree, exclusions } = this.#context;
    const stamp = tree.stamp(tree.at(directory));
    const now = this.#foreign(directory, this.#now(directory));
    const then = this.#then(directory);
    if (then === undefined) return { problem: { kind: "input-changed", path: directory } };
    const foreignThen = this.#foreign(directory, then);
    const isSame = isSameState(
      { kind: "listing", entries: now },
      { kind: "listing", entries: foreignThen },
    );
    if (!isSame)
      return {
        problem: { kind: "input-changed", path: firstDifference(directory, now, foreignThen) },
      };
    const isOwnPlace = now.size === 0 && this.#isOwnPlace(directory);
    return {
      condition: {
        path: directory,
        state: { kind: "listing", entries: this.#lasting(directory, outputs) },
        tolerance: isOwnPlace && tolerance === "exact" ? "may-be-missing" : tolerance,
        stamp: exclusions.witnesses(directory).length > 0 ? unprovenStamp : stamp,
      },
    };
  }

  /** Whether a directory would not be missed: nothing but the step's own work is in it. */
  holdsOnlyOwnWork(directory: WorkspacePath): boolean {
    if (!this.#isOwnPlace(directory)) return false;
    return this.#foreignNames(directory).length === 0;
  }

  /** Whether `path` lies in a directory that the run listed and then emptied, or is such a directory. */
  isEmptied(path: WorkspacePath): boolean {
    if (this.#emptied.size === 0) return false;
    return this.#emptied.has(path) || (path !== "" && this.#emptied.has(parentOf(path)));
  }

  /** Whether `path`, or a directory above it, was looked for by its own name and was not there. */
  isSought(path: WorkspacePath): boolean {
    if (this.#sought.size === 0) return false;
    for (let at = path; at !== ""; at = parentOf(at)) if (this.#sought.has(at)) return true;
    return false;
  }

  /** Files in directories that the run made, which it did not write: somebody else was at work there. */
  strangers(): Problem[] {
    const problems: Problem[] = [];
    for (const [directory, history] of this.#histories) {
      if (!history.isDirectoryMade || history.isRemoved) continue;
      for (const name of this.#foreignNames(directory)) {
        const path = join(directory, name);
        if (this.#context.countsAsInput(path)) problems.push({ kind: "input-changed", path });
      }
    }
    return problems;
  }

  #areAllGone(directory: WorkspacePath, listing: Listing): boolean {
    return [...listing.keys()].every(
      (name) =>
        this.#histories.get(join(directory, name))?.wasRemoved === true ||
        this.#context.exclusions.hides(directory, name),
    );
  }

  #isOwnPlace(directory: WorkspacePath): boolean {
    return this.#context.owned.has(directory) || this.#holdsOwn.has(directory);
  }

  #isMissing(path: WorkspacePath): boolean {
    const { tree } = this.#context;
    const at = this.#histories.get(path)?.path ?? tree.at(path);
    return stampKind(tree.stamp(at)) === "missing";
  }

  /** As the run found it: what the tracer noted, or what is there now if nothing was changed since. */
  #then(directory: WorkspacePath): ReadonlyMap<string, ListedKind> | undefined {
    const history = this.#histories.get(directory);
    if (history?.listing !== undefined) return history.listing;
    if (history?.isDirectoryMade === true) return new Map();
    const { tree } = this.#context;
    const seen = history?.look?.stamp;
    const stamp = tree.stamp(tree.at(directory));
    return seen !== undefined && isSameStamp(seen, stamp) ? this.#now(directory) : undefined;
  }

  #now(directory: WorkspacePath): Listing {
    const { tree } = this.#context;
    const path = tree.at(directory);
    return stampKind(tree.stamp(path)) === "directory"
      ? (tree.listing(path) ?? new Map())
      : new Map();
  }

  /** What a hit would not put back must be there by itself next time, whoever wrote it. */
  #lasting(directory: WorkspacePath, outputs: ReadonlySet<WorkspacePath>): Listing {
    const { exclusions, owned } = this.#context;
    const isRestored = (path: WorkspacePath): boolean => owned.has(path) || outputs.has(path);
    return new Map(
      [...this.#now(directory)]
        .filter(
          ([name]) => !isRestored(join(directory, name)) && !exclusions.hides(directory, name),
        )
        .sort(([a], [b]) => comparePaths(a, b)),
    );
  }

  /** Without the entries that never count, and without the step's own. */
  #foreign(directory: WorkspacePath, listing: ReadonlyMap<string, ListedKind>): Listing {
    return new Map(
      [...listing]
        .filter(
          ([name]) =>
            !this.#isOwn(join(directory, name)) && !this.#context.exclusions.hides(directory, name),
        )
        .sort(([a], [b]) => comparePaths(a, b)),
    );
  }

  /** Names of those that are in it now. */
  #foreignNames(directory: WorkspacePath): readonly string[] {
    const known = this.#foreignNow.get(directory);
    if (known !== undefined) return known;
    const foreign: string[] = [];
    for (const name of this.#namesNow(directory))
      if (!(this.#isOwn(join(directory, name)) || this.#context.exclusions.hides(directory, name)))
        foreign.push(name);
    this.#foreignNow.set(directory, foreign);
    return foreign;
  }

  #namesNow(directory: WorkspacePath): Iterable<string> {
    const { tree } = this.#context;
    const path = tree.at(directory);
    return stampKind(tree.stamp(path)) === "directory" ? (tree.names(path) ?? []) : [];
  }
}

function join(directory: WorkspacePath, name: string): WorkspacePath {
  return workspacePath(directory === "" ? name : `${directory}/${name}`);
}

function firstDifference(directory: WorkspacePath, now: Listing, then: Listing): WorkspacePath {
  const names = [...now.keys(), ...then.keys()].sort(comparePaths);
  const name = names.find((candidate) => now.get(candidate) !== then.get(candidate));
  return join(directory, nameOf(name ?? ""));
}
