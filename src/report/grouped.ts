import { type Capture, createCapture } from "../execute/capture.ts";
import type { OutputStream } from "../execute/event.ts";
import type { Step } from "../plan/step.ts";
import { describeTask } from "./command-line-status.ts";
import { labelOf } from "./labeled.ts";
import type { Printer } from "./printer.ts";
import type { Terminal } from "./terminal.ts";

/** A step that has printed more gets its block now, and another one for what follows. */
const groupedBlockBytesMax = 64 * 1024 * 1024;

const lineBreak = 0x0a;

type Block = { readonly text: Capture; size: number; isAtLineStart: boolean };

/** Command lines as they come, what a step printed as one block when it has ended. */
export function createGroupedPrinter(terminal: Terminal): Printer {
  const blocks = new Map<Step, Block>();

  const add = (step: Step, stream: OutputStream, bytes: Uint8Array): void => {
    if (bytes.length === 0) return;
    const block = blocks.get(step) ?? {
      text: createCapture(Number.POSITIVE_INFINITY),
      size: 0,
      isAtLineStart: true,
    };
    blocks.set(step, block);
    block.text.add(stream, bytes);
    block.size += bytes.length;
    block.isAtLineStart = bytes.at(-1) === lineBreak;
    if (block.size >= groupedBlockBytesMax) finish(step);
  };

  const finish = (step: Step): void => {
    const block = blocks.get(step);
    const text = block?.text.finish();
    blocks.delete(step);
    if (text?.kind !== "complete") return;
    terminal.write("stdout", `── [${describeTask(step.task)}] ──\n`);
    for (const { stream, bytes } of text.chunks) terminal.write(stream, bytes);
    if (block?.isAtLineStart === false) terminal.write("stdout", "\n");
  };

  return {
    start: (step, commandLine) => terminal.write("stdout", `${labelOf(step)}${commandLine}\n`),
    output: add,
    line: (step, text) => {
      const lead = blocks.get(step)?.isAtLineStart === false ? "\n" : "";
      add(step, "stdout", Buffer.from(`${lead}${text}\n`));
    },
    finish,
    end: () => terminal.write("stdout", "\n"),
  };
}
