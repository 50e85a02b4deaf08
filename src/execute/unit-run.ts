import { type AbsolutePath, absolutePath } from "../base/path.ts";
import { unitKey } from "../cache/key.ts";
import { readTreeRecord } from "../cache/lookup.ts";
import type { Access } from "../trace/access.ts";
import { type BeforeRun, joinBefore } from "./before-run.ts";
import type { CachedItem } from "./cached-item.ts";
import type { PreparedUnit } from "./prepared-unit.ts";
import type { Session } from "./session.ts";
import type { ItemRun } from "./spawn-traced.ts";

/** A unit whose items have run, one after another, or did until one failed or the run was stopped. */
export type UnitRun = {
  readonly unit: PreparedUnit;
  readonly before: BeforeRun;
  /** Of the items that were started; at least one. */
  readonly items: readonly [ItemRun, ...ItemRun[]];
  readonly stopped: "cancelled" | "interrupted" | undefined;
  /** Another vt ran one of these steps, or the row of steps that they stand in, at the same time. */
  readonly isShared: boolean;
};

/** An item that could not be started, or was not because one before it failed, has not run at all. */
export function hasEndedWell({ unit, items }: UnitRun): boolean {
  return (
    items.length === unit.items.length &&
    items.every(({ outcome }) => outcome.kind === "exited" && outcome.code === 0)
  );
}

/** What the items did, as one run; undefined when that was not seen. Each begins by entering its directory, where vt put it. */
export function accessesOf({ items }: UnitRun): readonly Access[] | undefined {
  if (items.some(({ sight }) => sight.kind !== "traced")) return undefined;
  return items.flatMap(({ item, sight }) =>
    sight.kind === "traced" ? [enterDirectory(item)].concat(sight.trace.accesses) : [],
  );
}

function enterDirectory({ step }: CachedItem): Access {
  return { kind: "probe", path: step.cwd, result: "ok", isFollowing: true, pid: 0 };
}

/** Those of `programs` that the item started. */
export function startedBy({ sight }: ItemRun, programs: readonly AbsolutePath[]): AbsolutePath[] {
  if (sight.kind !== "traced") return [];
  const started = new Set<AbsolutePath>();
  for (const { kind, path } of sight.trace.accesses)
    if (kind === "execute") started.add(absolutePath(path));
  return programs.filter((program) => started.has(program));
}

/** Runs that followed each other and turned out to be one. */
export function joinRuns(
  runs: readonly [UnitRun, ...UnitRun[]],
  session: Pick<Session, "cache">,
): UnitRun {
  const [first, ...others] = runs;
  const last = others.at(-1) ?? first;
  const [item, ...more] = first.unit.items;
  const items = [item, ...more, ...others.flatMap(({ unit }) => unit.items)] as const;
  const key = unitKey(items.map((one) => one.key));
  const [run, ...moreRuns] = first.items;
  return {
    unit: { ...first.unit, items, key },
    before: joinBefore(
      [first.before, ...others.map(({ before }) => before)],
      readTreeRecord(session.cache, key),
    ),
    items: [run, ...moreRuns, ...others.flatMap((other) => other.items)],
    stopped: last.stopped,
    isShared: runs.some(({ isShared }) => isShared),
  };
}
