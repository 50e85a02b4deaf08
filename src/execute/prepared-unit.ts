import type { WorkspacePath } from "../base/path.ts";
import { type CacheKey, unitKey } from "../cache/key.ts";
import { type Lookup, lookUp } from "../cache/lookup.ts";
import type { Programs } from "../cache/programs.ts";
import { isRowInPlace } from "../cache/row.ts";
import type { SkipReason } from "../cache/skip.ts";
import type { StepUse } from "../cache/store.ts";
import type { Condition } from "../fingerprint/condition.ts";
import { readDeclared } from "../fingerprint/declared.ts";
import { Exclusions } from "../fingerprint/exclusions.ts";
import { Tree } from "../fingerprint/tree.ts";
import type { CachePolicy } from "../plan/step.ts";
import { displayTaskId } from "../task/task.ts";
import type { CachedItem } from "./cached-item.ts";
import type { LookupSession } from "./session.ts";

/** The items of a unit, in order. */
export type UnitItems = readonly [CachedItem, ...CachedItem[]];

/** What is one to the cache, mostly a single step, with all that is known of it before it runs. */
export type PreparedUnit = {
  readonly items: UnitItems;
  readonly key: CacheKey;
  /** Of the task, and so of every item. */
  readonly policy: Pick<CachePolicy, "input" | "output">;
  /** When nothing had been looked at yet, in milliseconds since the epoch. */
  readonly lookedAtMs: number;
  readonly programs: Programs;
  /** The workspace as it is now, each path read once. */
  readonly tree: Tree;
  readonly exclusions: Exclusions;
  /** Declared inputs, hashed before the run. */
  readonly declared: readonly Condition[];
  readonly unreadable: WorkspacePath | undefined;
};

/** Reads the declared inputs; nothing is started and nothing written. */
export function prepare(items: UnitItems, session: LookupSession): PreparedUnit {
  const { policy } = items[0];
  const lookedAtMs = session.now();
  const tree = new Tree(session.root, session.hashes);
  const { conditions, unreadable } = readDeclared(tree, policy.input);
  return {
    items,
    key: unitKey(items.map(({ key }) => key)),
    policy,
    lookedAtMs,
    programs: session.programs.now(),
    tree,
    exclusions: new Exclusions(tree, session.cache.place),
    declared: conditions,
    unreadable,
  };
}

/** What the cache has for the unit. */
export function findResult(unit: PreparedUnit, session: LookupSession): Lookup {
  if (unit.items[0].isForced) return { kind: "miss", reason: { kind: "forced" } };
  const lookup = lookUp(session.cache, unit, (row) => isRowInPlace(unit.tree, row));
  const name = unit.items[0].wantedProgram;
  return lookup.kind === "hit" && name !== undefined
    ? { kind: "miss", reason: { kind: "program-wanted", name } }
    : lookup;
}

/** What is noted of each item's step when the unit has used the cache. */
export function stepUses({ items, key }: PreparedUnit, notStored?: SkipReason): StepUse[] {
  return items.map(({ step, stepDigest, fingerprint }) => ({
    step: stepDigest,
    record: {
      key,
      fingerprint,
      label: `${displayTaskId(step.task)}: ${step.commandText}`,
      ...(notStored && { notStored }),
    },
  }));
}
