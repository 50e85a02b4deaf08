import { appendFileSync } from "node:fs";
import { errnoOf } from "../base/file.ts";
import { type AbsolutePath, diskPath } from "../base/path.ts";
import { describeOff } from "./cache-off-text.ts";
import { describeCommand, describeTask } from "./command-line-status.ts";
import { describeDuration } from "./duration-text.ts";
import { describeFailure } from "./failure-text.ts";
import { describeMiss } from "./miss-text.ts";
import { describeSkip, isNoteworthySkip } from "./skip-text.ts";
import {
  countSteps,
  hasFailed,
  hitPercent,
  type RunSummary,
  type StepSummary,
  stoppedWord,
} from "./summary.ts";

/** GitHub shows a megabyte at most; what failed is never left out. */
const rowsMax = 500;
const commandLengthMax = 200;

/**
 * Appends to the page that GitHub shows of a job: a table of what ran, and the last lines of what failed.
 * Returns what the system says where that cannot be done.
 */
export function appendStepSummary(path: AbsolutePath, summary: RunSummary): string | undefined {
  if (summary.steps.length === 0) return undefined;
  try {
    appendFileSync(diskPath(path), stepSummaryText(summary));
    return undefined;
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === undefined) throw error;
    return errno;
  }
}

/** The text of it, in Markdown. */
function stepSummaryText(summary: RunSummary): string {
  const { steps, leftOut = [], interruptedBy } = summary;
  const failed = steps.filter(hasFailed);
  const shown = new Set([...failed, ...steps].slice(0, rowsMax));
  const rows = steps
    .filter((step) => shown.has(step))
    .map((step) => describeRow(step, stoppedWord(summary)));
  const more = steps.length - rows.length;
  return [
    `### vt run: ${describeCounts(summary)}`,
    "",
    "| Task | Result | Cache | Time |",
    "| --- | --- | --- | --- |",
    ...rows,
    ...(more > 0 ? ["", `${more} more ran.`] : []),
    ...(leftOut.length > 0
      ? ["", `Not run: ${leftOut.map((task) => code(describeTask(task))).join(", ")}`]
      : []),
    ...(interruptedBy === undefined ? [] : ["", `Interrupted by ${interruptedBy}.`]),
    ...failed.flatMap(describeLastLines),
    "",
    "",
  ].join("\n");
}

function describeCounts({ steps, durationMs }: RunSummary): string {
  const counts = countSteps(steps);
  const cached = counts.hits + counts.misses;
  return [
    `${counts.successful}/${counts.steps} successful`,
    ...(cached > 0 ? [`${counts.hits}/${cached} cache hit (${hitPercent(counts)}%)`] : []),
    ...(counts.hits > 0 ? [`${describeDuration(counts.savedMs)} saved`] : []),
    `took ${describeDuration(durationMs)}`,
  ].join(", ");
}

function describeRow(step: StepSummary, stopped: string): string {
  const command = describeCommand(step);
  const short =
    command.length > commandLengthMax ? `${command.slice(0, commandLengthMax)}…` : command;
  const cells = [
    `${code(describeTask(step.task))}<br>${code(short)}`,
    describeResult(step, stopped),
    escapeCell(describeCache(step)),
    describeDuration(step.endMs - step.startMs),
  ];
  return `| ${cells.join(" | ")} |`;
}

function describeResult({ outcome }: StepSummary, stopped: string): string {
  switch (outcome.kind) {
    case "replayed":
      return "✅ replayed";
    case "cancelled":
      return `⏹️ ${stopped}`;
    default:
      return hasFailed({ outcome }) ? `❌ ${describeFailure(outcome)}` : "✅";
  }
}

function describeCache({ status, outcome }: StepSummary): string {
  switch (status.kind) {
    case "hit":
      return outcome.kind === "replayed"
        ? `hit, ${describeDuration(outcome.savedMs)} saved`
        : "hit";
    case "off":
      return `disabled ${describeOff(status.reason)}`;
    case "miss": {
      const reason = describeMiss(status.reason);
      const store = outcome.kind === "exited" ? outcome.store : undefined;
      const isNews = store?.kind === "not-stored" && isNoteworthySkip(store.reason);
      const skip = isNews ? `; not cached: ${describeSkip(store.reason)}` : "";
      return `miss${reason === undefined ? "" : `: ${reason}`}${skip}`;
    }
  }
}

function describeLastLines({ task, lastLines }: StepSummary): readonly string[] {
  if (lastLines === undefined) return [];
  const text = lastLines.map(escapeHtml).join("\n");
  return ["", `${code(describeTask(task))} ended with`, "", `<pre>${text}</pre>`];
}

/** In a table a line break or a bar would end the cell, and everything else could be Markdown. */
function code(text: string): string {
  return `<code>${escapeCell(text)}</code>`;
}

function escapeCell(text: string): string {
  return escapeHtml(text).replaceAll("|", "&#124;").replaceAll("`", "&#96;");
}

function escapeHtml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll(/[*_[\]\\~]/g, (character) => `&#${character.charCodeAt(0)};`);
}
