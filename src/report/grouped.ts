import { type Capture, createCapture } from "../execute/capture.ts";
import type { OutputStream, StepOutcome } from "../execute/event.ts";
import type { Step } from "../plan/step.ts";
import { describeTask } from "./command-line-status.ts";
import { labelOf } from "./labeled.ts";
import type { Printer } from "./printer.ts";
import type { Terminal } from "./terminal.ts";

/** A step that has printed more gets its block now, and another one for what follows. */
const groupedBlockBytesMax = 64 * 1024 * 1024;

const lineBreak = 0x0a;

/** What stands around the text of a step. Every text is empty or ends with a line break. */
export type Frame = {
  /** When the step begins. */
  readonly begin: (step: Step, commandLine: string) => string;
  /** `outcome` is undefined when the step goes on. */
  readonly open: (step: Step, commandLine: string, outcome: StepOutcome | undefined) => string;
  readonly close: (step: Step, outcome: StepOutcome | undefined) => string;
  /** In front of the summary. */
  readonly end: () => string;
  /** Whether a step that printed nothing has a block. */
  readonly silent: "shown" | "hidden";
  /** `joined`: all on stdout. A log that is made of two streams would tear blocks apart. */
  readonly streams: "apart" | "joined";
};

/** Command lines as they come, and a block for each step that printed something. */
export const plainFrame: Frame = {
  begin: (step, commandLine) => `${labelOf(step)}${commandLine}\n`,
  open: (step) => `── [${describeTask(step.task)}] ──\n`,
  close: () => "",
  end: () => "\n",
  silent: "hidden",
  streams: "apart",
};

type Block = {
  readonly commandLine: string;
  text: Capture;
  size: number;
  isAtLineStart: boolean;
};

/** What a step printed as one block when it has ended. */
export function createGroupedPrinter(terminal: Terminal, frame: Frame): Printer {
  const blocks = new Map<Step, Block>();

  const add = (step: Step, stream: OutputStream, bytes: Uint8Array): void => {
    const block = blocks.get(step);
    if (block === undefined || bytes.length === 0) return;
    block.text.add(frame.streams === "joined" ? "stdout" : stream, bytes);
    block.size += bytes.length;
    block.isAtLineStart = bytes.at(-1) === lineBreak;
    if (block.size >= groupedBlockBytesMax) show(step, block, undefined);
  };

  const show = (step: Step, block: Block, outcome: StepOutcome | undefined): void => {
    const text = block.text.finish();
    if (text.kind !== "complete") return;
    terminal.write("stdout", frame.open(step, block.commandLine, outcome));
    for (const { stream, bytes } of text.chunks) terminal.write(stream, bytes);
    if (!block.isAtLineStart) terminal.write("stdout", "\n");
    terminal.write("stdout", frame.close(step, outcome));
    Object.assign(block, emptyBlock());
  };

  return {
    start: (step, commandLine) => {
      blocks.set(step, { commandLine, ...emptyBlock() });
      terminal.write("stdout", frame.begin(step, commandLine));
    },
    output: add,
    line: (step, text) => {
      const lead = blocks.get(step)?.isAtLineStart === false ? "\n" : "";
      add(step, "stdout", Buffer.from(`${lead}${text}\n`));
    },
    finish: (step, outcome) => {
      const block = blocks.get(step);
      blocks.delete(step);
      if (block !== undefined && (block.size > 0 || frame.silent === "shown"))
        show(step, block, outcome);
    },
    end: () => terminal.write("stdout", frame.end()),
  };
}

function emptyBlock(): Omit<Block, "commandLine"> {
  return { text: createCapture(Number.POSITIVE_INFINITY), size: 0, isAtLineStart: true };
}
