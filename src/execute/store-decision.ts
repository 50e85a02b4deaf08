import type { WorkspacePath } from "../base/path.ts";
import type { SkipReason } from "../cache/skip.ts";
import type { Problem } from "../observe/findings.ts";
import { hasNestedRun } from "./nested-run.ts";
import { hasEndedWell, type UnitRun } from "./unit-run.ts";

/** All that decides whether a run's result is kept. */
export type StoreQuestion = {
  readonly run: UnitRun;
  readonly canWrite: boolean;
  /** It turned out to be one with something before it that was replayed. */
  readonly hasReplayedPart: boolean;
  readonly problem: Problem | undefined;
  /** A path that a step without an order to this one wrote, too. */
  readonly conflict: { readonly path: WorkspacePath; readonly by: string } | undefined;
  /** Which other step of this run wrote a path, if one did. */
  readonly writerOf: (path: string) => string | undefined;
};

/** Undefined: nothing speaks against storing the result. Pure; the weightiest reason comes first. */
export function decideStore({
  run,
  canWrite,
  hasReplayedPart,
  problem,
  conflict,
  writerOf,
}: StoreQuestion): SkipReason | undefined {
  const { items, stopped } = run;
  if (items.some(({ declarations }) => declarations.isUncacheable))
    return { kind: "declared-uncacheable" };
  if (stopped !== undefined) return { kind: stopped };
  if (items.some(({ outcome }) => outcome.kind === "cancelled")) return { kind: "cancelled" };
  if (!hasEndedWell(run)) return failureOf(run);
  const detail = firstOf(items, ({ declarations }) => declarations.problem);
  if (detail !== undefined) return { kind: "tool-message-invalid", detail };
  if (!canWrite) return { kind: "cache-read-only" };
  const blind = firstOf(items, ({ sight }) => (sight.kind === "unavailable" ? sight : undefined));
  if (blind !== undefined) return { kind: "trace-unavailable", detail: blind.detail };
  const reason = firstOf(items, ({ sight }) =>
    sight.kind === "traced" ? sight.trace.incomplete[0] : undefined,
  );
  if (reason !== undefined) return { kind: "trace-incomplete", reason };
  const leftBehind = firstOf(items, (item) => item.leftBehind);
  if (leftBehind !== undefined) return { kind: "process-left-behind", ...leftBehind };
  if (run.isShared) return { kind: "run-twice" };
  if (conflict !== undefined) return { kind: "written-by-another", ...conflict };
  if (items.some(({ sight }) => sight.kind === "traced" && hasNestedRun(sight.trace.accesses)))
    return { kind: "nested-run" };
  if (hasReplayedPart) return { kind: "part-replayed" };
  // The key tells of the program that was found when the whole was looked up.
  const path = firstOf(items, ({ program, item: { program: keyed, step } }) =>
    program === keyed ? undefined : step.action.kind === "process" ? step.action.name : keyed,
  );
  if (path !== undefined) return { kind: "input-changed", path };
  if (problem !== undefined) return skipFor(problem, writerOf);
  const isTooLarge = items.some(({ text }) => text.kind === "too-large");
  return isTooLarge ? { kind: "text-too-large" } : undefined;
}

function failureOf({ items }: UnitRun): SkipReason {
  const outcome = (items.at(-1) ?? items[0]).outcome;
  if (outcome.kind === "timed-out") return { kind: "timed-out", limitMs: outcome.limitMs };
  const code = outcome.kind === "exited" && outcome.code !== 0 ? outcome.code : undefined;
  return { kind: "nonzero-exit", ...(code !== undefined && { code }) };
}

function firstOf<T, U>(items: readonly T[], pick: (item: T) => U | undefined): U | undefined {
  return items.map(pick).find((picked) => picked !== undefined);
}

function skipFor(problem: Problem, writerOf: StoreQuestion["writerOf"]): SkipReason {
  if (problem.kind !== "input-changed") return problem;
  const by = writerOf(problem.path);
  return { ...problem, ...(by !== undefined && { by }) };
}
