import { once } from "../base/once.ts";
import { comparePaths } from "../base/path.ts";
import type { SkipReason } from "../cache/skip.ts";
import { type CacheStatus, didSucceed, type RunEvent, type StepOutcome } from "../execute/event.ts";
import { commonlyNeeded } from "../plan/environment-lists.ts";
import { compileNamePatterns } from "../plan/name-pattern.ts";
import type { ExecutionGraph, Step } from "../plan/step.ts";
import { type TaskId, taskKey } from "../task/task.ts";
import { LastLines } from "./last-lines.ts";
import { tasksLeftOut } from "./left-out.ts";

/** One step of a finished run, as data that can be kept. */
export type StepSummary = Pick<Step, "task" | "isScript" | "commandText" | "cwdText"> & {
  readonly status: CacheStatus;
  readonly outcome: StepOutcome;
  /** When it began and ended, in milliseconds since the run began. */
  readonly startMs: number;
  readonly endMs: number;
  /** The end of what it printed, if it failed and vt saw it. */
  readonly lastLines?: readonly string[];
};

/** A finished run: its steps in the order in which they ended. Steps that never began are not in it. */
export type RunSummary = {
  readonly steps: readonly StepSummary[];
  /** Tasks that were not run, or not to their end, since the run ended early. */
  readonly leftOut?: readonly TaskId[];
  readonly exitCode: number;
  readonly interruptedBy?: string;
  readonly durationMs: number;
  /** All was found in place at once, as an earlier run had left it: no step began or ended by itself. */
  readonly isRecalled?: true;
  /** Variables that are set and commonly needed, and that a cached step which ran did not get; sorted. */
  readonly withheldEnv?: readonly string[];
};

type Summarizer = {
  readonly add: (event: RunEvent) => void;
  /** Undefined until the run has finished. */
  readonly summary: () => RunSummary | undefined;
  /** The step whose text was the last to be shown, if it was one that failed. */
  readonly lastShown: () => StepSummary | undefined;
};

/** Makes a summary of the events of a run; `now` is a clock, in milliseconds. */
export function createSummarizer(now: () => number): Summarizer {
  const steps: StepSummary[] = [];
  const positions = new Map<Step, number>();
  const withheld = new Set<string>();
  const starts = new Map<Step, number>();
  const lastLines = new Map<Step, LastLines>();
  let graph: ExecutionGraph = { nodes: [], concurrency: 1 };
  let runStart = 0;
  let lastShown: Step | undefined;
  let summary: RunSummary | undefined;
  const sinceStart = (): number => Math.round(now() - runStart);

  const finishStep = (event: StepFinished): void => {
    for (const name of withheldFrom(event)) withheld.add(name);
    const { step } = event;
    const printed = lastLines.get(step);
    lastLines.delete(step);
    if (printed?.isEmpty === false) lastShown = step;
    // Of most steps nobody will ask for them.
    const lines = hasFailed(event) ? (printed?.lines() ?? []) : [];
    const endMs = sinceStart();
    const startMs = starts.get(step) ?? endMs;
    positions.set(step, steps.length);
    steps.push({ ...summarizeStep(event, lines), startMs, endMs });
  };

  const add = (event: RunEvent): void => {
    switch (event.kind) {
      case "run-started":
        runStart = now();
        graph = event.graph;
        return;
      case "step-started":
        starts.set(event.step, sinceStart());
        lastShown = event.step;
        // What is replayed cannot fail.
        if (event.status.kind !== "hit") lastLines.set(event.step, new LastLines());
        return;
      case "output":
        lastShown = event.step;
        lastLines.get(event.step)?.add(event.bytes);
        return;
      case "step-finished":
        finishStep(event);
        return;
      case "store-revoked": {
        const position = positions.get(event.step) ?? -1;
        const known = steps[position];
        if (known?.outcome.kind === "exited")
          steps[position] = { ...known, outcome: withoutStore(known.outcome, event.reason) };
        return;
      }
      case "run-finished": {
        const { kind: _, ...result } = event;
        const withheldEnv = [...withheld].sort(comparePaths);
        const isComplete = event.exitCode === 0 && event.interruptedBy === undefined;
        const leftOut = isComplete ? [] : findLeftOut(graph, steps, positions);
        summary = {
          steps,
          ...result,
          ...(leftOut.length > 0 && { leftOut }),
          ...(withheldEnv.length > 0 && { withheldEnv }),
        };
        return;
      }
      default:
        return;
    }
  };

  return {
    add,
    summary: () => summary,
    lastShown: () => lastShown && steps[positions.get(lastShown) ?? -1],
  };
}

function summarizeStep(
  { step, status, outcome }: StepFinished,
  lastLines: readonly string[],
): Omit<StepSummary, "startMs" | "endMs"> {
  const { task, isScript, commandText, cwdText } = step;
  return {
    ...{ task, commandText, cwdText, status, outcome },
    // Of a hit nothing is advised.
    ...(isScript === true && status.kind !== "hit" && { isScript }),
    ...(lastLines.length > 0 && { lastLines }),
  };
}

function findLeftOut(
  graph: ExecutionGraph,
  steps: readonly StepSummary[],
  positions: ReadonlyMap<Step, number>,
): readonly TaskId[] {
  const outcomes = [...positions].flatMap(([step, position]) => {
    const outcome = steps[position]?.outcome;
    return outcome === undefined ? [] : [[step, outcome] as const];
  });
  return tasksLeftOut(graph, new Map(outcomes));
}

/** Not what the task itself takes away, nor what its tools asked vt for. */
function withheldFrom({ step, status, outcome }: StepFinished): readonly string[] {
  if (status.kind !== "miss" || step.cache.kind === "off") return [];
  const exclusions = step.cache.policy.untrackedEnv.filter((pattern) => pattern.startsWith("!"));
  const isExcluded = compileNamePatterns(exclusions.map((pattern) => pattern.slice(1)));
  const tools = outcome.kind === "exited" ? outcome.tools : undefined;
  const asked = new Set([...(tools?.env ?? []), ...(tools?.uncountedEnv ?? [])]);
  return Object.keys(step.unfilteredEnvironment).filter(
    (name) =>
      isCommonlyNeeded()(name) &&
      step.environment[name] === undefined &&
      !isExcluded(name) &&
      !asked.has(name),
  );
}

/** Compiled with the first miss: a hit has no need of it. */
const isCommonlyNeeded = once(() => compileNamePatterns(commonlyNeeded));

type StepFinished = Extract<RunEvent, { readonly kind: "step-finished" }>;

function withoutStore(
  outcome: Extract<StepOutcome, { readonly kind: "exited" }>,
  reason: SkipReason,
): StepOutcome {
  return { ...outcome, store: { kind: "not-stored", reason } };
}

/** What to call steps that were ended before they could end: Ctrl-C did it, or the failure of another. */
export function stoppedWord({ interruptedBy }: RunSummary): "interrupted" | "stopped" {
  return interruptedBy === undefined ? "stopped" : "interrupted";
}

export type Counts = {
  readonly steps: number;
  readonly tasks: number;
  readonly hits: number;
  readonly misses: number;
  /** Neither: the cache was not asked. */
  readonly off: number;
  readonly successful: number;
  readonly failed: number;
  readonly cancelled: number;
  readonly savedMs: number;
};

export function countSteps(steps: readonly StepSummary[]): Counts {
  const count = (isMatch: (step: StepSummary) => boolean): number => steps.filter(isMatch).length;
  const successful = count(hasSucceeded);
  const cancelled = count(({ outcome }) => outcome.kind === "cancelled");
  return {
    steps: steps.length,
    tasks: new Set(steps.map(({ task }) => taskKey(task))).size,
    hits: count(({ status }) => status.kind === "hit"),
    misses: count(({ status }) => status.kind === "miss"),
    off: count(({ status }) => status.kind === "off"),
    successful,
    cancelled,
    failed: steps.length - successful - cancelled,
    savedMs: steps.reduce((total, { outcome }) => total + savedMs(outcome), 0),
  };
}

/** Hits among the steps that the cache was asked for; truncated, so that 100 means all. */
export function hitPercent({ hits, misses }: Counts): number {
  return Math.floor((hits * 100) / (hits + misses));
}

/** Whether the step failed by itself. */
export function hasFailed(step: Pick<StepSummary, "outcome">): boolean {
  return step.outcome.kind !== "cancelled" && !hasSucceeded(step);
}

function hasSucceeded({ outcome }: Pick<StepSummary, "outcome">): boolean {
  return didSucceed(outcome);
}

function savedMs(outcome: StepOutcome): number {
  return outcome.kind === "replayed" ? outcome.savedMs : 0;
}
