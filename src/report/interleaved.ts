import type { Printer } from "./printer.ts";
import type { Terminal } from "./terminal.ts";

const lineBreak = 0x0a;

/** Everything as it comes. */
export function createInterleavedPrinter(terminal: Terminal): Printer {
  let isAtLineStart = true;

  const writeLine = (text: string): void => {
    terminal.write("stdout", `${isAtLineStart ? "" : "\n"}${text}\n`);
    isAtLineStart = true;
  };

  return {
    start: (_step, commandLine) => writeLine(commandLine),
    output: (_step, stream, bytes) => {
      terminal.write(stream, bytes);
      if (bytes.length > 0) isAtLineStart = bytes.at(-1) === lineBreak;
    },
    line: (_step, text) => writeLine(text),
    finish: () => {
      terminal.write("stdout", "\n");
      isAtLineStart = true;
    },
    end: () => undefined,
  };
}
