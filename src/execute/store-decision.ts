import type { WorkspacePath } from "../base/path.ts";
import type { SkipReason } from "../cache/skip.ts";
import type { Problem } from "../observe/findings.ts";
import type { FinishedRun } from "./spawn-traced.ts";

/** All that decides whether a run's result is kept. */
export type StoreQuestion = {
  readonly run: FinishedRun;
  readonly canWrite: boolean;
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
  problem,
  conflict,
  writerOf,
}: StoreQuestion): SkipReason | undefined {
  const { isUncacheable, problem: toolProblem } = run.declarations;
  if (isUncacheable) return { kind: "declared-uncacheable" };
  if (run.stopped !== undefined) return { kind: run.stopped };
  if (run.outcome.kind === "cancelled") return { kind: "cancelled" };
  if (run.outcome.code !== 0) return { kind: "nonzero-exit" };
  if (toolProblem !== undefined) return { kind: "tool-message-invalid", detail: toolProblem };
  if (!canWrite) return { kind: "cache-read-only" };
  if (run.sight.kind === "unavailable")
    return { kind: "trace-unavailable", detail: run.sight.detail };
  const gap = run.sight.kind === "traced" ? run.sight.trace.incomplete[0] : undefined;
  if (gap !== undefined) return { kind: "trace-incomplete", reason: gap };
  if (run.leftBehind !== undefined) return { kind: "process-left-behind", ...run.leftBehind };
  if (run.isShared) return { kind: "run-twice" };
  if (conflict !== undefined) return { kind: "written-by-another", ...conflict };
  if (problem !== undefined) return skipFor(problem, writerOf);
  return run.text.kind === "too-large" ? { kind: "text-too-large" } : undefined;
}

function skipFor(problem: Problem, writerOf: StoreQuestion["writerOf"]): SkipReason {
  if (problem.kind !== "input-changed") return problem;
  const by = writerOf(problem.path);
  return { ...problem, ...(by !== undefined && { by }) };
}
