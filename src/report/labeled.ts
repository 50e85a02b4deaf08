import { GrowingBytes } from "../base/growing-bytes.ts";
import type { OutputStream } from "../execute/event.ts";
import type { Step } from "../plan/step.ts";
import { describeTask } from "./command-line-status.ts";
import type { Printer } from "./printer.ts";
import type { Terminal } from "./terminal.ts";

/** A longer line is shown in pieces, each with its label. */
const labeledLineBytesMax = 1024 * 1024;

const lineBreak = 0x0a;

/** Line by line, each with its task in front. */
export function createLabeledPrinter(
  terminal: Terminal,
  options: {
    /** Whether a line must stand without a label, since it is said to somebody else. */
    readonly isBare: (line: Uint8Array) => boolean;
  },
): Printer {
  const unfinishedLines = new Map<Step, Record<OutputStream, GrowingBytes>>();

  const writeLine = (label: string, stream: OutputStream, line: string | Uint8Array): void => {
    if (typeof line === "string" || !options.isBare(line)) terminal.write(stream, label);
    terminal.write(stream, line);
    terminal.write(stream, "\n");
  };

  const finishLines = (step: Step): void => {
    const { stdout, stderr } = unfinishedLinesOf(step);
    if (stdout.length > 0) writeLine(labelOf(step), "stdout", stdout.take());
    if (stderr.length > 0) writeLine(labelOf(step), "stderr", stderr.take());
  };

  const unfinishedLinesOf = (step: Step): Record<OutputStream, GrowingBytes> => {
    const lines = unfinishedLines.get(step) ?? {
      stdout: new GrowingBytes(),
      stderr: new GrowingBytes(),
    };
    unfinishedLines.set(step, lines);
    return lines;
  };

  return {
    start: (step, commandLine) => writeLine(labelOf(step), "stdout", commandLine),
    output: (step, stream, bytes) => {
      const label = labelOf(step);
      const unfinished = unfinishedLinesOf(step)[stream];
      let start = 0;
      for (let end = bytes.indexOf(lineBreak); end !== -1; end = bytes.indexOf(lineBreak, start)) {
        const rest = bytes.subarray(start, end);
        if (unfinished.length > 0) unfinished.append(rest);
        writeLine(label, stream, unfinished.length > 0 ? unfinished.take() : rest);
        start = end + 1;
      }
      unfinished.append(bytes.subarray(start));
      if (unfinished.length >= labeledLineBytesMax) writeLine(label, stream, unfinished.take());
    },
    line: (step, text) => {
      finishLines(step);
      writeLine(labelOf(step), "stdout", text);
    },
    finish: (step) => {
      finishLines(step);
      unfinishedLines.delete(step);
      terminal.write("stdout", "\n");
    },
    end: () => undefined,
  };
}

/** `[pkg#task] ` */
export function labelOf(step: Step): string {
  return `[${describeTask(step.task)}] `;
}
