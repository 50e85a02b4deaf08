import { describeCommand, describeTask } from "./command-line-status.ts";
import { describeDuration } from "./duration-text.ts";
import { boxHeight, layOut } from "./graph-layout.ts";
import { type LastState, lastStateOf, type Picture } from "./graph-picture.ts";
import { stateColours } from "./graph-text.ts";
import { describeMiss } from "./miss-text.ts";
import { describeSkip } from "./skip-text.ts";
import type { RunSummary, StepSummary } from "./summary.ts";

/** One page that needs nothing else: the plan as a picture, and what the last run did when. */
export function pageText(title: string, picture: Picture, lastRun: RunSummary | undefined): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escapeHtml(title)}</title>
<style>${style}</style>
<h1>${escapeHtml(title)}</h1>
<p class="legend">${legend}</p>
<h2>Plan</h2>
<div class="scroll">${planSvg(picture)}</div>
${lastRun === undefined ? "<p>Nothing has been run yet.</p>" : lastRunHtml(lastRun)}
</html>
`;
}

const style = `
:root { color-scheme: light dark; font: 14px system-ui, sans-serif; }
body { margin: 2em; }
h1, h2 { font-weight: 600; }
.scroll { overflow: auto; padding: 4px; }
svg { display: block; font: 13px ui-monospace, monospace; }
svg rect.box, svg rect.bar { stroke: none; }
svg text.in { fill: #fff; }
svg text { fill: currentColor; }
svg path { fill: none; stroke: currentColor; opacity: 0.45; }
svg line { stroke: currentColor; opacity: 0.2; }
table { border-collapse: collapse; }
td, th { text-align: left; padding: 3px 14px 3px 0; vertical-align: top; }
td code { font: 13px ui-monospace, monospace; }
.legend span, td span { color: #fff; border-radius: 4px; padding: 1px 7px; margin-right: 6px; }
`;

const words: Readonly<Record<LastState, string>> = {
  hit: "cache hit",
  ran: "ran",
  failed: "failed",
  stopped: "stopped",
  unknown: "not in the last run",
};

const legend = (Object.keys(words) as LastState[]).map(badge).join("");

function badge(state: LastState): string {
  return `<span style="background:${stateColours[state]}">${words[state]}</span>`;
}

function planSvg(picture: Picture): string {
  const { boxes, width, height } = layOut(picture);
  const edges = picture.edges.flatMap(([before, after]) => {
    const [from, to] = [boxes.get(before), boxes.get(after)];
    if (from === undefined || to === undefined) return [];
    const [x1, y1] = [from.x + from.width, from.y + boxHeight / 2];
    const [x2, y2] = [to.x, to.y + boxHeight / 2];
    const bend = Math.max(24, (x2 - x1) / 2);
    return `<path d="M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}"/>`;
  });
  const nodes = [...picture.nodes].map(([id, { label, state }]) => {
    const { x = 0, y = 0, width: boxWidth = 0 } = boxes.get(id) ?? {};
    const text = `<text class="in" x="${x + 12}" y="${y + 20}">${escapeHtml(label)}</text>`;
    const box = `<rect class="box" x="${x}" y="${y}" width="${boxWidth}" height="${boxHeight}" rx="6" fill="${stateColours[state]}"/>`;
    return `<g><title>${escapeHtml(`${id}: ${words[state]}`)}</title>${box}${text}</g>`;
  });
  return svg(width, height, [...edges, ...nodes]);
}

function lastRunHtml(run: RunSummary): string {
  const steps = [...run.steps].sort((a, b) => a.startMs - b.startMs || a.endMs - b.endMs);
  const end = run.interruptedBy === undefined ? `exit ${run.exitCode}` : run.interruptedBy;
  const { isRecalled = false } = run;
  return `<h2>Last run</h2>
<p>${steps.length} steps in ${describeDuration(run.durationMs)}, ${escapeHtml(end)}</p>
${isRecalled ? `<p>${recalledText}</p>` : `<div class="scroll">${timelineSvg(steps)}</div>`}
<table>
<tr><th>task<th>command<th>end<th>time<th>why
${steps.map((step) => rowHtml(step, isRecalled ? "" : describeTime(step))).join("\n")}
</table>`;
}

const recalledText =
  "Everything was as the run before had left it, which vt asked once for all steps: none has a time of its own.";

function describeTime({ startMs, endMs }: StepSummary): string {
  return describeDuration(endMs - startMs);
}

const nameWidth = 260;
const timeWidth = 720;
const rowHeight = 22;
const ticks = 6;

function timelineSvg(steps: readonly StepSummary[]): string {
  const lastMs = Math.max(1, ...steps.map(({ endMs }) => endMs));
  const at = (ms: number): number => Math.round(nameWidth + (ms / lastMs) * timeWidth);
  const height = steps.length * rowHeight;
  const marks = Array.from({ length: ticks + 1 }, (_, index) => (lastMs * index) / ticks);
  const rows = steps.map((step, index) => {
    const y = index * rowHeight;
    const name = escapeHtml(cut(describeTask(step.task)));
    const title = escapeHtml(`${describeTask(step.task)}: ${describeCommand(step)}`);
    // A step of no time at all is to be seen, too.
    const barWidth = Math.max(2, at(step.endMs) - at(step.startMs));
    const fill = stateColours[lastStateOf(step.outcome)];
    return `<g><title>${title}</title><text x="0" y="${y + 15}">${name}</text><rect class="bar" x="${at(step.startMs)}" y="${y + 4}" width="${barWidth}" height="${rowHeight - 8}" rx="3" fill="${fill}"/></g>`;
  });
  return svg(nameWidth + timeWidth + 60, height + 24, [
    ...marks.map((ms) => `<line x1="${at(ms)}" y1="0" x2="${at(ms)}" y2="${height}"/>`),
    ...rows,
    ...marks.map(
      (ms) => `<text x="${at(ms)}" y="${height + 18}">${describeDuration(Math.round(ms))}</text>`,
    ),
  ]);
}

const nameLengthMax = 32;

function cut(name: string): string {
  return name.length <= nameLengthMax ? name : `${name.slice(0, nameLengthMax - 1)}…`;
}

function svg(width: number, height: number, parts: readonly string[]): string {
  const box = `width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`;
  return `<svg ${box} xmlns="http://www.w3.org/2000/svg">${parts.join("\n")}</svg>`;
}

function rowHtml(step: StepSummary, duration: string): string {
  const state = lastStateOf(step.outcome);
  const cells = [
    escapeHtml(describeTask(step.task)),
    `<code>${escapeHtml(describeCommand(step))}</code>`,
    badge(state),
    duration,
    escapeHtml(describeReason(step)),
  ];
  return `<tr>${cells.map((cell) => `<td>${cell}`).join("")}`;
}

function describeReason({ status, outcome }: StepSummary): string {
  const parts: string[] = [];
  if (status.kind === "off") parts.push("cache disabled");
  if (status.kind === "miss") parts.push(describeMiss(status.reason) ?? "first time");
  if (outcome.kind === "exited" && outcome.store?.kind === "not-stored")
    parts.push(`not cached: ${describeSkip(outcome.store.reason)}`);
  return parts.join("; ");
}

function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
