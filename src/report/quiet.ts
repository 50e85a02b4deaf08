import type { OutputStream, StepOutcome } from "../execute/event.ts";
import type { Step } from "../plan/step.ts";
import type { Printer } from "./printer.ts";
import type { Terminal } from "./terminal.ts";

/** Of a step that prints more, the end is kept: that is where what went wrong stands. */
const quietBytesMax = 16 * 1024 * 1024;

const lineBreak = 0x0a;

type Held = {
  readonly commandLine: string;
  readonly chunks: { readonly stream: OutputStream; readonly bytes: Uint8Array }[];
  size: number;
  isCut: boolean;
};

/** Nothing of a step that ends well; of one that fails its command line and all it printed. */
export function createQuietPrinter(terminal: Terminal): Printer {
  const steps = new Map<Step, Held>();

  const add = (step: Step, stream: OutputStream, bytes: Uint8Array): void => {
    const held = steps.get(step);
    if (held === undefined || bytes.length === 0) return;
    held.chunks.push({ stream, bytes });
    held.size += bytes.length;
    while (held.size > quietBytesMax && held.chunks.length > 1) {
      held.size -= held.chunks.shift()?.bytes.length ?? 0;
      held.isCut = true;
    }
  };

  return {
    start: (step, commandLine) => {
      steps.set(step, { commandLine, chunks: [], size: 0, isCut: false });
    },
    output: add,
    line: (step, text) => {
      const last = steps.get(step)?.chunks.at(-1)?.bytes.at(-1) ?? lineBreak;
      add(step, "stdout", Buffer.from(`${last === lineBreak ? "" : "\n"}${text}\n`));
    },
    finish: (step, outcome) => {
      const held = steps.get(step);
      steps.delete(step);
      if (held === undefined || !hasFailed(outcome)) return;
      terminal.write("stdout", `${held.commandLine}\n`);
      if (held.isCut) terminal.write("stdout", "(the beginning of its text is left out)\n");
      for (const { stream, bytes } of held.chunks) terminal.write(stream, bytes);
      terminal.write("stdout", held.chunks.at(-1)?.bytes.at(-1) === lineBreak ? "\n" : "\n\n");
    },
    end: () => undefined,
  };
}

function hasFailed(outcome: StepOutcome): boolean {
  if (outcome.kind === "not-started" || outcome.kind === "timed-out") return true;
  return outcome.kind === "exited" && outcome.code !== 0;
}
