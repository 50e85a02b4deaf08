import type { Palette } from "../base/ansi.ts";
import { printable } from "../base/path.ts";
import type { CacheStatus } from "../execute/event.ts";
import type { Step } from "../plan/step.ts";
import { displayTaskId } from "../task/task.ts";
import { describeMiss } from "./miss-text.ts";

/** `~/packages/a$ node build.mjs ◉ cache hit, replaying`, without a line break. */
export function describeCommandLine(step: Step, status: CacheStatus, palette: Palette): string {
  return palette.blue(describeCommand(step)) + describeStatus(status, palette);
}

/** `~/packages/a$ node build.mjs` */
export function describeCommand(step: Pick<Step, "cwdText" | "commandText">): string {
  const place = printable(step.cwdText);
  // A step may `cd` out of the workspace.
  const directory = place === "" || place.startsWith("/") ? place : `~/${place}`;
  return `${directory}$ ${printable(step.commandText)}`;
}

/** `pkg#task`, fit to be shown. */
export function describeTask(task: Step["task"]): string {
  return printable(displayTaskId(task));
}

function describeStatus(status: CacheStatus, palette: Palette): string {
  switch (status.kind) {
    case "hit":
      return ` ${palette.green("◉")} ${palette.brightBlack("cache hit, replaying")}`;
    case "off":
      return ` ${palette.black("⊘")} ${palette.brightBlack("cache disabled")}`;
    case "miss": {
      const reason = describeMiss(status.reason);
      if (reason === undefined) return "";
      return ` ${palette.brightBlack(`○ cache miss: ${reason}, executing`)}`;
    }
  }
}
