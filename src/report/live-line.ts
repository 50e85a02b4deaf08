import type { Emit, RunEvent, StepOutcome } from "../execute/event.ts";
import type { ExecutionGraph, Step } from "../plan/step.ts";
import { describeTask } from "./command-line-status.ts";
import { describeElapsed } from "./duration-text.ts";
import type { Terminal } from "./terminal.ts";
import { cut } from "./width.ts";

/** How often the line is looked at. It is drawn for the first time after as long, so that what is quick shows none. */
const drawIntervalMs = 200;

/** A longer name leaves no room for the others. */
const nameLengthMax = 40;

export type LiveLineOptions = {
  readonly terminal: Terminal;
  /** Of the terminal, now. */
  readonly columns: () => number;
  /** A clock, in milliseconds. */
  readonly now: () => number;
  /** Whether the step writes to the terminal by itself, so that nobody knows what stands there. */
  readonly hasTerminal: (step: Step) => boolean;
};

/** A line below all text that says what is running, for how long, and how much is done. */
export type LiveLine = Disposable & {
  /** To be used for all that is written meanwhile: the line makes way for it. */
  readonly terminal: Terminal;
  /** Of every event, before it is reported. */
  readonly note: Emit;
  /** Draws the line if it can be drawn now; happens by itself while something runs. */
  readonly draw: () => void;
};

/**
 * The line is never part of the text: it is drawn where a new line begins, leaves the cursor there, and is erased
 * before anything else is written. While a step has the terminal to itself, and behind an unfinished line
 * of a step, there is none.
 */
export function createLiveLine({ terminal, columns, now, hasTerminal }: LiveLineOptions): LiveLine {
  const running = new Map<Step, number>();
  let total = 0;
  let done = 0;
  let shown = "";
  let isAtLineStart = true;
  let timer: Timer | undefined;

  const hide = (): void => {
    if (shown === "") return;
    shown = "";
    terminal.write("stdout", eraseLine);
  };

  const draw = (): void => {
    const isTaken = [...running.keys()].some(hasTerminal);
    if (running.size === 0 || isTaken || !isAtLineStart) return;
    const text = cut(describe(running, `${done}/${total}`, now()), columns() - 1);
    if (text === shown) return;
    shown = text;
    terminal.write("stdout", `${eraseLine}${keepCursor}${plainStyle}${text}${restoreCursor}`);
    terminal.flush();
  };

  const stop = (): void => {
    clearInterval(timer);
    timer = undefined;
    hide();
  };

  const note = (event: RunEvent): void => {
    switch (event.kind) {
      case "run-started":
        total = countSteps(event.graph);
        return;
      case "step-started":
        // Whoever begins to write by itself must find a clean line.
        hide();
        if (event.status.kind === "hit") return;
        running.set(event.step, now());
        timer ??= setInterval(draw, drawIntervalMs);
        return;
      case "step-finished":
        running.delete(event.step);
        done += 1;
        if (!hasTerminal(event.step)) return;
        isAtLineStart = true;
        // What is killed cannot show the cursor again that it had hidden.
        if (wasKilled(event.outcome)) terminal.write("stdout", showCursor);
        return;
      case "run-finished":
        stop();
        return;
      default:
        return;
    }
  };

  return {
    terminal: {
      ...terminal,
      write: (stream, text) => {
        if (text.length === 0) return;
        hide();
        isAtLineStart = isLineEnd(text);
        terminal.write(stream, text);
      },
    },
    note,
    draw,
    [Symbol.dispose]: stop,
  };
}

function wasKilled(outcome: StepOutcome): boolean {
  return outcome.kind === "exited" ? outcome.signal !== undefined : outcome.kind !== "replayed";
}

const showCursor = "\x1b[?25h";
const eraseLine = "\r\x1b[2K";
/** With its colours: a step may have left some on. */
const keepCursor = "\x1b7";
const restoreCursor = "\x1b8";
const plainStyle = "\x1b[0m";

/** Colours are often switched off behind the line break. */
function isLineEnd(text: string | Uint8Array): boolean {
  const end = typeof text === "string" ? text : Buffer.from(text.slice(-32)).toString("latin1");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is how colours begin
  return /\n(?:\x1b\[[0-9;]*m)*$/.test(end);
}

function describe(running: ReadonlyMap<Step, number>, progress: string, now: number): string {
  const steps = [...running].map(([step, startedAt]) => {
    const name = describeTask(step.task);
    const short = name.length > nameLengthMax ? `${name.slice(0, nameLengthMax - 1)}…` : name;
    return `${short} ${describeElapsed(now - startedAt)}`;
  });
  return `[${progress}] ${steps.join(", ")}`;
}

function countSteps({ nodes }: ExecutionGraph): number {
  let count = 0;
  for (const { items } of nodes)
    for (const item of items) count += item.kind === "step" ? 1 : countSteps(item.graph);
  return count;
}
