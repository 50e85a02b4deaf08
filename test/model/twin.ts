import { rmdirSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { comparePaths } from "../../src/base/path.ts";
import { type Deed, type Expectation, expectationOf } from "./expectation.ts";
import { interpret } from "./interpreter.ts";
import {
  isMadeByTask,
  passedOn,
  prefixOf,
  programPath,
  programsOf,
  type TaskPlan,
} from "./scenario.ts";
import {
  describeNode,
  isSameNode,
  type Node,
  nodeAt,
  type Snapshot,
  takeSnapshot,
} from "./snapshot.ts";

export type TwinRun = {
  readonly exitCode: number;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
  /** The step's own earlier work, which was cleared away before the run. */
  readonly cleared: ReadonlyMap<string, Owned>;
  readonly before: Snapshot;
  readonly after: Snapshot;
  readonly expectation: Expectation;
  /** What the program itself removed, and did not make again. */
  readonly removed: ReadonlySet<string>;
};

/** `key` tells with which variables the step ran when it made this. */
export type Owned = { readonly node: Node; readonly key: string };

/** The tree in which every step really runs, its own earlier work cleared away first. */
export class Twin {
  readonly root: string;
  /** By task, what it made where nothing stood, as it left it. */
  readonly #owned = new Map<number, Map<string, Owned>>();
  /** By task, all that it ever left: a hit may bring back what was lying around when it was stored. */
  readonly #left = new Map<number, Set<string>>();

  constructor(root: string) {
    this.root = root;
  }

  /** `plan` is that of the task with this number. */
  run(
    task: number,
    plan: TaskPlan,
    {
      environment,
      key,
      meanwhile,
      replayed = [],
    }: {
      readonly environment: Readonly<Record<string, string>>;
      readonly key: string;
      /** Done where the task pauses for the first time… */
      readonly meanwhile?: () => void;
      /** …in another item than these, which did not run in the other tree, and so could not pause there. */
      readonly replayed?: readonly number[];
    },
  ): TwinRun {
    const cleared = this.#clear(task);
    const before = takeSnapshot(this.root);
    const deeds: Deed[] = [];
    const printed: Record<1 | 2, Uint8Array[]> = { 1: [], 2: [] };
    let pause = meanwhile;
    const run = (item: number, args: readonly string[]): number =>
      interpret(args, {
        root: this.root,
        environment: passedOn(environment),
        print: (stream, bytes) => printed[stream].push(bytes),
        spawn: (_, childArgs) => run(item, childArgs),
        touch: (touch, path) => deeds.push({ touch, path, item }),
        pause: () => {
          if (replayed.includes(item)) return;
          pause?.();
          pause = undefined;
        },
      });
    let exitCode = 0;
    for (const item of programsOf(plan).keys())
      if (exitCode === 0) exitCode = run(item, [programPath(task, item), prefixOf(task)]);
    const after = takeSnapshot(this.root);
    this.#own(task, key, { cleared, before, after, deeds });
    return {
      exitCode,
      stdout: Buffer.concat(printed[1]),
      stderr: Buffer.concat(printed[2]),
      cleared,
      before,
      after,
      removed: removedIn(deeds, after),
      expectation: expectationOf({
        ...{ deeds, before, after, exitCode },
        wasDisturbed: meanwhile !== undefined,
        isBlind: "VT_TRACE" in environment,
      }),
    };
  }

  /** What is left of earlier states in the other tree, and now here, too, stays the task's own. */
  keep(task: number, path: string, owned: Owned): void {
    this.#ownedBy(task).set(path, owned);
  }

  hasLeft(task: number, path: string, node: Node): boolean {
    return this.#left.get(task)?.has(`${path} ${describeNode(node)}`) === true;
  }

  #ownedBy(task: number): Map<string, Owned> {
    const owned = this.#owned.get(task) ?? new Map<string, Owned>();
    this.#owned.set(task, owned);
    return owned;
  }

  #clear(task: number): ReadonlyMap<string, Owned> {
    const cleared = new Map<string, Owned>();
    const owned = this.#ownedBy(task);
    for (const path of [...owned.keys()].toSorted(comparePaths).toReversed()) {
      const entry = owned.get(path);
      const at = join(this.root, path);
      if (entry === undefined || !isSameNode(nodeAt(at), entry.node)) continue;
      if (didRemove(at, entry.node)) cleared.set(path, entry);
    }
    owned.clear();
    return cleared;
  }

  #own(
    task: number,
    key: string,
    run: Pick<TwinRun, "cleared" | "before" | "after"> & { readonly deeds: readonly Deed[] },
  ): void {
    for (const { touch, path } of run.deeds) {
      if (touch !== "use" && touch !== "replace" && touch !== "remove") continue;
      for (const [other, owned] of this.#owned) if (other !== task) owned.delete(path);
    }
    const left = this.#left.get(task) ?? new Set();
    this.#left.set(task, left);
    for (const [path, node] of run.after) {
      if (run.before.has(path) || !isMadeByTask(path)) continue;
      // In the other tree it stood there, made with other variables, and was written over.
      const isOverwritten = (run.cleared.get(path)?.key ?? key) !== key;
      this.#ownedBy(task).set(path, { node, key: isOverwritten ? "" : key });
      left.add(`${path} ${describeNode(node)}`);
    }
  }
}

function removedIn(deeds: readonly Deed[], after: Snapshot): ReadonlySet<string> {
  const removed = deeds.filter(({ touch, path }) => touch === "remove" && !after.has(path));
  return new Set(removed.map(({ path }) => path));
}

/** A directory that holds something stays. */
function didRemove(path: string, node: Node): boolean {
  try {
    if (node.kind === "directory") rmdirSync(path);
    else unlinkSync(path);
    return true;
  } catch {
    return false; // ENOTEMPTY
  }
}
