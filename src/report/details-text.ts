import type { Palette } from "../base/ansi.ts";
import { unreachable } from "../base/assert.ts";
import { printable } from "../base/path.ts";
import type { CacheStatus, StepOutcome } from "../execute/event.ts";
import type { TaskId } from "../task/task.ts";
import { describeAdvice } from "./advice.ts";
import { cacheScriptsAdvice, describeOff } from "./cache-off-text.ts";
import { describeCommand, describeTask } from "./command-line-status.ts";
import { describeDuration } from "./duration-text.ts";
import { adviseOnMiss } from "./miss-advice.ts";
import { describeMiss } from "./miss-text.ts";
import { quote } from "./quote.ts";
import { adviseOnSkip } from "./skip-advice.ts";
import { describeSkip } from "./skip-text.ts";
import {
  type Counts,
  countSteps,
  hitPercent,
  type RunSummary,
  type StepSummary,
  stoppedWord,
} from "./summary.ts";
import { describeTools } from "./tools-text.ts";

const heavyRule = "━".repeat(47);
const lightRule = "─".repeat(48);
const dottedRule = `  ${"·".repeat(55)}`;

/** The long form: every step with what the cache said of it, in the order in which they ended. */
export function describeDetails(summary: RunSummary, palette: Palette): string {
  const counts = countSteps(summary.steps);
  const lines = [
    "",
    heavyRule,
    `    ${palette.bold("vt run • Execution Summary")}`,
    heavyRule,
    "",
    `Statistics:   ${describeStatistics(counts, summary)}`,
    `Performance:  ${describePerformance(counts)}`,
    ...(summary.interruptedBy === undefined ? [] : [`Interrupted:  ${summary.interruptedBy}`]),
    "",
    "Task Details:",
    lightRule,
    ...summary.steps.flatMap((step, index) => [
      ...(index === 0 ? [] : [dottedRule]),
      ...describeStep(step, `${index + 1}`, { stopped: stoppedWord(summary), palette }),
    ]),
    ...describeLeftOut(summary.leftOut ?? []),
    ...adviseOnOff(summary.steps),
    ...describeWithheld(summary.withheldEnv ?? []),
    heavyRule,
  ];
  return `${lines.join("\n")}\n`;
}

/** Said once, since it holds for all of them. */
function adviseOnOff(steps: readonly StepSummary[]): string[] {
  const isOff = steps.some(
    ({ status }) => status.kind === "off" && status.reason.kind === "workspace-config",
  );
  return isOff ? [lightRule, cacheScriptsAdvice] : [];
}

function describeLeftOut(tasks: readonly TaskId[]): string[] {
  if (tasks.length === 0) return [];
  return [lightRule, "Not run:", ...tasks.map((task) => `  ${describeTask(task)}`)];
}

function describeWithheld(names: readonly string[]): string[] {
  if (names.length === 0) return [];
  const list = names.map((name) => JSON.stringify(name)).join(", ");
  return [
    lightRule,
    `${names.join(", ")}: set, but cached tasks do not get ${names.length === 1 ? "it" : "them"}.`,
    `  Where one needs ${names.length === 1 ? "it" : "them"}: "env": [${list}], or "untrackedEnv" if results do not depend on it; in its vite-task.json.`,
  ];
}

function describeStatistics(counts: Counts, summary: RunSummary): string {
  const tasks = plural(counts.tasks, "task", "tasks");
  const parts = [
    counts.steps === counts.tasks ? tasks : `${counts.steps} steps of ${tasks}`,
    plural(counts.hits, "cache hit", "cache hits"),
    plural(counts.misses, "cache miss", "cache misses"),
    ...(counts.off > 0 ? [`${counts.off} cache disabled`] : []),
    ...(counts.failed > 0 ? [`${counts.failed} failed`] : []),
    ...(counts.cancelled > 0 ? [`${counts.cancelled} ${stoppedWord(summary)}`] : []),
  ];
  return parts.join(" • ");
}

function plural(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}

function describePerformance(counts: Counts): string {
  const { hits, misses, savedMs } = counts;
  if (hits + misses === 0) return "no task has caching enabled";
  const saved = hits === 0 ? "" : `, ${describeDuration(savedMs)} saved in total`;
  return `${hitPercent(counts)}% cache hit rate${saved}`;
}

type Words = { readonly stopped: string; readonly palette: Palette };

function describeStep(step: StepSummary, number: string, words: Words): string[] {
  const { palette } = words;
  const { task, status, outcome } = step;
  const head = `${describeTask(task)}: ${palette.blue(describeCommand(step))}`;
  return [
    `  [${number}] ${head} ${describeEnd(outcome, words)}`,
    `      ${describeCacheUse(status, outcome)}`,
    ...adviseOnStatus(step).map((line) => `        ${line}`),
    ...describeStoring(step).map((line) => `      ${line}`),
    ...(outcome.kind === "exited" ? describeWithoutRing(outcome.withoutRing) : []),
    ...(outcome.kind === "exited" && outcome.tools !== undefined
      ? describeTools(outcome.tools).map((line) => `      ${line}`)
      : []),
    ...(outcome.kind === "not-started"
      ? [`      ${palette.red("✗")} Error: ${printable(outcome.message)}`]
      : []),
    ...(step.lastLines ?? []).map((line) => `      │ ${line}`.trimEnd()),
  ];
}

function describeEnd(outcome: StepOutcome, { stopped, palette }: Words): string {
  switch (outcome.kind) {
    case "replayed":
      return palette.green("✓");
    case "exited": {
      if (outcome.code === 0) return palette.green("✓");
      const signal = outcome.signal === undefined ? "" : `, ${outcome.signal}`;
      return palette.red(`✗ (exit code: ${outcome.code}${signal})`);
    }
    case "not-started":
      return palette.red("✗");
    case "timed-out":
      return palette.red(`✗ (took longer than ${describeDuration(outcome.limitMs)})`);
    case "cancelled":
      return palette.yellow(`✗ (${stopped})`);
    default:
      return unreachable(outcome);
  }
}

function describeCacheUse(status: CacheStatus, outcome: StepOutcome): string {
  switch (status.kind) {
    case "hit": {
      const saved =
        outcome.kind === "replayed" ? ` - ${describeDuration(outcome.savedMs)} saved` : "";
      return `→ Cache hit - output replayed${saved}`;
    }
    case "miss":
      return `→ Cache miss: ${describeMiss(status.reason) ?? "no previous cache entry found"}`;
    case "off":
      return `→ Cache disabled ${describeOff(status.reason)}`;
    default:
      return unreachable(status);
  }
}

/** Nothing about the last run: either this one was stored, or is a better one to give advice on. */
function adviseOnStatus(step: StepSummary): readonly string[] {
  const { status, task } = step;
  if (status.kind !== "miss" || status.reason.kind === "last-run-not-stored") return [];
  const advice = adviseOnMiss(status.reason, task.packagePath);
  return advice === undefined ? [] : describeAdvice(advice, step);
}

function describeWithoutRing(programs: readonly string[] = []): string[] {
  return programs.map(
    (program) => `      → Without io_uring, which a tracked task does not get: ${quote(program)}`,
  );
}

function describeStoring(step: StepSummary): string[] {
  const { task, outcome } = step;
  if (outcome.kind !== "exited" || outcome.store?.kind !== "not-stored") return [];
  const { reason } = outcome.store;
  if (reason.kind === "nonzero-exit") return []; // The exit code says it.
  const advice = adviseOnSkip(reason, task.packagePath);
  const lines = advice === undefined ? [] : describeAdvice(advice, step);
  return [`→ Not cached: ${describeSkip(reason)}`, ...lines.map((line) => `  ${line}`)];
}
