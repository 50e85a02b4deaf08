import { errnoOf } from "../base/file.ts";
import type { Step } from "../plan/step.ts";
import type { Cancellation } from "./cancellation.ts";
import type { CacheStatus, StepOutcome, StoreResult } from "./event.ts";
import { keepResult } from "./keep-result.ts";
import { findResult, type PreparedStep, prepare } from "./prepared-step.ts";
import { replay } from "./replay.ts";
import type { Session } from "./session.ts";
import { spawnPlain } from "./spawn-plain.ts";
import { type FinishedRun, spawnTraced } from "./spawn-traced.ts";
import { summarizeTools, type ToolSummary } from "./tool-summary.ts";

/**
 * The life of one step: look it up; on a hit put its outputs back and print its text again; else run
 * it, watch it, and keep the result if nothing speaks against it.
 */
export async function runStep(
  step: Step,
  cancellation: Cancellation,
  session: Session,
): Promise<StepOutcome> {
  const prepared = prepare(step, session);
  if (prepared.kind === "uncached") return runUncached(step, cancellation, session);

  const lookup = findResult(prepared, session);
  const replayed = lookup.kind === "hit" ? await replay(prepared, lookup, session) : lookup;
  if (replayed.kind === "replayed")
    return finish(step, session, { status: { kind: "hit" }, outcome: replayed });

  const status: CacheStatus = { kind: "miss", reason: replayed.reason };
  session.emit({ kind: "step-started", step, status });
  const run = await spawnTraced(prepared, cancellation, session);
  if (run.kind === "not-started") return finish(step, session, { status, outcome: run });

  const { store, tools } = await keep(prepared, run, session);
  const outcome: StepOutcome =
    run.outcome.kind === "exited"
      ? { ...run.outcome, store, ...(tools && { tools }) }
      : run.outcome;
  return finish(step, session, { status, outcome });
}

/** What goes wrong on the disk once the process has ended must not cost its exit code. */
async function keep(
  prepared: PreparedStep,
  run: FinishedRun,
  session: Session,
): Promise<{ readonly store: StoreResult; readonly tools?: ToolSummary }> {
  try {
    const store = await keepResult(prepared, run, session);
    const tools = summarizeTools(run, session);
    return { store, ...(tools && { tools }) };
  } catch (error) {
    const detail = errnoOf(error);
    if (detail === undefined) throw error;
    return { store: { kind: "not-stored", reason: { kind: "cache-trouble", detail } } };
  }
}

async function runUncached(
  step: Step,
  cancellation: Cancellation,
  session: Session,
): Promise<StepOutcome> {
  const reason = step.cache.kind === "off" ? step.cache.reason : ({ kind: "built-in" } as const);
  const status: CacheStatus = { kind: "off", reason };
  session.emit({ kind: "step-started", step, status });
  return finish(step, session, { status, outcome: await spawnPlain(step, cancellation, session) });
}

function finish(
  step: Step,
  session: Session,
  end: { readonly status: CacheStatus; readonly outcome: StepOutcome },
): StepOutcome {
  session.emit({ kind: "step-finished", step, ...end });
  return end.outcome;
}
