import type { Palette } from "../base/ansi.ts";
import { unreachable } from "../base/assert.ts";
import { printable } from "../base/path.ts";
import type { Difference } from "../cache/explain.ts";
import type { MissReason } from "../cache/miss.ts";
import type { Forecast, Forecasts } from "../execute/foresee.ts";
import { describeIdlePattern } from "../execute/idle-patterns.ts";
import type { CacheOffReason, Step } from "../plan/step.ts";
import { describeAdvice } from "./advice.ts";
import { cacheScriptsAdvice, describeOff } from "./cache-off-text.ts";
import { describeCommand, describeTask } from "./command-line-status.ts";
import { describeDuration } from "./duration-text.ts";
import { adviseOnMiss } from "./miss-advice.ts";
import { describeMiss } from "./miss-text.ts";

/** `vt run --dry-run`: a line for each step. */
export function describeForecasts(forecasts: Forecasts, palette: Palette): string {
  return [...forecasts]
    .map(([step, forecast]) => `${describeStep(step, palette)} → ${describeForecast(forecast)}\n`)
    .join("");
}

/** `vt why`: each step, what would become of it, and everything in which it differs. */
export function explainForecasts(forecasts: Forecasts, palette: Palette): string {
  return [...forecasts]
    .map(([step, forecast]) => {
      const lines = [`→ ${describeForecast(forecast)}`, ...explain(step, forecast)];
      return `${[describeStep(step, palette), ...lines.map((line) => `  ${line}`)].join("\n")}\n`;
    })
    .join("\n");
}

function describeStep(step: Step, palette: Palette): string {
  return `${describeTask(step.task)}: ${palette.blue(describeCommand(step))}`;
}

function describeForecast(forecast: Forecast): string {
  switch (forecast.kind) {
    case "off":
      return `Cache disabled ${describeOff(forecast.reason)}`;
    case "hit":
      return "Cache hit";
    case "miss":
      return `Cache miss: ${describeMiss(forecast.reason) ?? "no previous cache entry found"}`;
    case "unknown":
      return `Unknown: runs after '${describeTask(forecast.after)}', which isn't a cache hit`;
    default:
      return unreachable(forecast);
  }
}

function explain(step: Step, forecast: Forecast): readonly string[] {
  const { idlePatterns = [] } = forecast.kind === "off" ? {} : forecast;
  const idle = idlePatterns.map((pattern) => printable(describeIdlePattern(pattern, step.task)));
  return [...explainEnd(step, forecast), ...idle];
}

function explainEnd(step: Step, forecast: Forecast): readonly string[] {
  switch (forecast.kind) {
    case "off":
      return adviseOnOff(forecast.reason);
    case "hit": {
      const { inputs, outputs, savedMs } = forecast;
      const [inputText, outputText] = [plural(inputs, "input"), plural(outputs, "output")];
      return [`${inputText}, ${outputText}; ${describeDuration(savedMs)} saved`];
    }
    case "miss":
      return [...describeDifferences(forecast.differences), ...advise(step, forecast.reason)];
    case "unknown":
      return [
        `As things stand it would be a ${forecast.now}.`,
        ...describeDifferences(forecast.differences),
      ];
    default:
      return unreachable(forecast);
  }
}

function plural(count: number, name: string): string {
  return `${count} ${name}${count === 1 ? "" : "s"}`;
}

function adviseOnOff({ kind }: CacheOffReason): readonly string[] {
  return kind === "workspace-config" ? [cacheScriptsAdvice] : [];
}

function advise(step: Step, reason: MissReason): readonly string[] {
  const advice = adviseOnMiss(reason, step.task.packagePath);
  return advice === undefined ? [] : describeAdvice(advice, step);
}

/** Of more, the number is told. */
const differencesShown = 10;

function describeDifferences(differences: readonly Difference[]): readonly string[] {
  const shown = differences.slice(0, differencesShown).map(describeDifference);
  const rest = differences.length - shown.length;
  return rest === 0 ? shown : [...shown, `and ${rest} more; --json has them all`];
}

function describeDifference(difference: Difference): string {
  switch (difference.kind) {
    case "input": {
      const { change, path, before, after } = difference;
      const states =
        before === undefined && after === undefined ? "" : ` (${arrow(before, after)})`;
      return `${change}: ${path === "" ? "." : printable(path)}${states}`;
    }
    case "env":
      return `env: ${printable(difference.name)} ${difference.change}`;
    case "tool-env":
      return `env that a tool asked for: ${printable(difference.name)} ${difference.change}`;
    case "untracked-env":
      return `untracked env config: ${describeNames(difference)}`;
    case "tool":
      return `program: ${printable(difference.name)} changed`;
    case "program":
    case "directory":
    case "platform":
      return `${difference.kind}: ${arrow(difference.before, difference.after)}`;
    case "args":
    case "input-config":
    case "output-config":
      return `${difference.kind.replace("-", " ")}: ${JSON.stringify(difference.before)} → ${JSON.stringify(difference.after)}`;
    default:
      return unreachable(difference);
  }
}

function arrow(before = "nothing", after = "nothing"): string {
  return `${printable(before)} → ${printable(after)}`;
}

function describeNames(names: {
  readonly added: readonly string[];
  readonly removed: readonly string[];
}): string {
  const parts = [
    ...names.added.map((name) => `${printable(name)} added`),
    ...names.removed.map((name) => `${printable(name)} removed`),
  ];
  return parts.join(", ");
}
