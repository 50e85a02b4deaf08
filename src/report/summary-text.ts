import type { Palette } from "../base/ansi.ts";
import type { SkipReason } from "../cache/skip.ts";
import type { TaskId } from "../task/task.ts";
import { describeCommand, describeTask } from "./command-line-status.ts";
import { describeDuration } from "./duration-text.ts";
import { describeFailure } from "./failure-text.ts";
import { describeSkip, isNoteworthySkip } from "./skip-text.ts";
import {
  type Counts,
  countSteps,
  hasFailed,
  hitPercent,
  type RunSummary,
  type StepSummary,
  stoppedWord,
} from "./summary.ts";

const detailsHint = "(Run `vt run --last-details` for full details)";

/** So many tasks that were not run are named; of more the number is told. */
const leftOutShownMax = 5;

/**
 * The short form, its rule line included; "" where a summary would say nothing new: no step, or a
 * single one that ran and has nothing noteworthy about it. What failed is told again with its last
 * lines, unless it is `lastShown`, whose text stands right above.
 */
export function describeSummary(
  summary: RunSummary,
  palette: Palette,
  lastShown?: StepSummary,
): string {
  const { steps } = summary;
  const counts = countSteps(steps);
  if (steps.length === 0) return "";
  if (isSingle(summary) && counts.hits === 1) {
    return frame(`cache hit, ${describeDuration(counts.savedMs)} saved.`, palette);
  }
  const notices = describeNotices(summary);
  const sentences = isSingle(summary)
    ? notices
    : [describeCounts(counts, stoppedWord(summary)), ...notices];
  if (sentences.length === 0) return "";
  const failed =
    isSingle(summary) || summary.interruptedBy !== undefined ? [] : steps.filter(hasFailed);
  const recaps = failed.filter((step) => step !== lastShown).map((step) => recap(step, palette));
  return frame([...sentences, detailsHint].join(" "), palette, recaps.join(""));
}

/** How a single step ended can be seen. */
function isSingle({ steps, leftOut }: RunSummary): boolean {
  return steps.length === 1 && leftOut === undefined;
}

/** What failed, and the last that it said; nothing of what was not heard. */
function recap(step: StepSummary, palette: Palette): string {
  if (step.lastLines === undefined) return "";
  const head = `${palette.red("✗")} ${describeTask(step.task)}: ${palette.blue(describeCommand(step))}`;
  return `${[head, ...step.lastLines.map((line) => `    ${line}`)].join("\n")}\n\n`;
}

function frame(text: string, palette: Palette, before = ""): string {
  return `${palette.brightBlack("---")}\n${before}${palette.bold("vt run:")} ${text}\n`;
}

function describeCounts(counts: Counts, stopped: string): string {
  const { hits, misses, steps, successful, cancelled, savedMs } = counts;
  const cached = hits + misses;
  const parts = [
    ...(cached > 0 ? [`${hits}/${cached} cache hit (${hitPercent(counts)}%)`] : []),
    `${successful}/${steps} successful`,
    ...(cancelled > 0 ? [`${cancelled} ${stopped}`] : []),
    ...(hits > 0 ? [`${describeDuration(savedMs)} saved`] : []),
  ];
  return `${parts.join(", ")}.`;
}

function describeNotices(summary: RunSummary): string[] {
  const { steps, interruptedBy, leftOut = [] } = summary;
  const notices = [
    ...steps.filter(hasFailed).flatMap(describeRing),
    ...describeOverlaps(steps),
    ...describeUntracked(steps),
    ...describeOtherSkips(steps),
  ];
  const interruption = interruptedBy === undefined ? [] : [`Interrupted by ${interruptedBy}.`];
  if (isSingle(summary)) {
    // What had the terminal to itself, as a server that one stops with Ctrl-C, has said all there is to say.
    const isOwnAffair = interruptedBy === "SIGINT" && steps[0]?.status.kind === "off";
    return isOwnAffair ? notices : [...interruption, ...notices];
  }
  const stopped = steps.filter(({ outcome }) => outcome.kind === "cancelled");
  return [
    ...interruption,
    ...steps
      .filter(hasFailed)
      .map(({ task, outcome }) => `${describeTask(task)} ${describeFailure(outcome)}.`),
    ...(stopped.length === 0
      ? []
      : [`${capitalized(stoppedWord(summary))}: ${listTasks(stopped.map(({ task }) => task))}.`]),
    ...(leftOut.length === 0 ? [] : [`Not run: ${listTasks(leftOut)}.`]),
    ...notices,
  ];
}

function capitalized(word: string): string {
  return `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`;
}

function listTasks(tasks: readonly TaskId[]): string {
  const names = tasks.slice(0, leftOutShownMax).map(describeTask).join(", ");
  const rest = tasks.length - leftOutShownMax;
  return rest > 0 ? `${names} and ${rest} more` : names;
}

/** A program may fail for the want of it. */
function describeRing({ task, outcome }: StepSummary): string[] {
  if (outcome.kind !== "exited" || outcome.withoutRing === undefined) return [];
  return [`${describeTask(task)} asked for io_uring, which a tracked task does not get.`];
}

function describeOverlaps(steps: readonly StepSummary[]): string[] {
  const names = tasksOf(steps.filter((step) => skipOf(step)?.kind === "overlap"));
  const [first] = names;
  if (first === undefined) return [];
  if (names.length === 1) return [`${first} not cached because it modified its inputs.`];
  return [`${first} (and ${names.length - 1} more) not cached because they modified their inputs.`];
}

/** It is the same for all of them, so it is said once. */
function describeUntracked(steps: readonly StepSummary[]): string[] {
  const untracked = steps.filter((step) => skipOf(step)?.kind === "trace-unavailable");
  const [name, ...others] = tasksOf(untracked);
  const reason = untracked.map(skipOf).find(Boolean);
  if (name === undefined || reason === undefined) return [];
  const who = others.length === 0 ? name : `${others.length + 1} tasks`;
  return [`${who} not cached because ${describeSkip(reason)}.`];
}

function describeOtherSkips(steps: readonly StepSummary[]): string[] {
  const skipped = steps.filter((step) => {
    const reason = skipOf(step);
    return reason !== undefined && !hasOwnSentence(reason) && isNoteworthySkip(reason);
  });
  const [first] = skipped;
  const reason = first && skipOf(first);
  if (first === undefined || reason === undefined) return [];
  const others = tasksOf(skipped).length - 1;
  return [
    `${describeTask(first.task)} not cached because ${describeSkip(reason)}.`,
    ...(others === 0 ? [] : [`${others} more not cached.`]),
  ];
}

function hasOwnSentence({ kind }: SkipReason): boolean {
  return kind === "overlap" || kind === "trace-unavailable";
}

function skipOf({ outcome }: StepSummary): SkipReason | undefined {
  if (outcome.kind !== "exited" || outcome.store?.kind !== "not-stored") return undefined;
  return outcome.store.reason;
}

function tasksOf(steps: readonly StepSummary[]): string[] {
  return [...new Set(steps.map(({ task }) => describeTask(task)))];
}
