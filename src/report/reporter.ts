import { coloured, type Palette, plain } from "../base/ansi.ts";
import { unreachable } from "../base/assert.ts";
import { printable } from "../base/path.ts";
import type { Emit, OutputStream, RunEvent, StepOutcome } from "../execute/event.ts";
import type { LogMode } from "../execute/stdio.ts";
import type { ExecutionGraph, Step } from "../plan/step.ts";
import { type CiSystem, describeAnnotation, isWorkflowCommand, sectionFrame } from "./ci.ts";
import { describeCommandLine } from "./command-line-status.ts";
import { createDisplayFilter } from "./display-filter.ts";
import { describeDuration } from "./duration-text.ts";
import { createGroupedPrinter, plainFrame } from "./grouped.ts";
import { createInterleavedPrinter } from "./interleaved.ts";
import { createLabeledPrinter } from "./labeled.ts";
import type { Printer } from "./printer.ts";
import { createQuietPrinter } from "./quiet.ts";
import { createSummarizer, hasFailed, type RunSummary } from "./summary.ts";
import { describeSummary } from "./summary-text.ts";
import type { Terminal } from "./terminal.ts";
import { describeWait } from "./wait-text.ts";

export type ReporterOptions = {
  readonly terminal: Terminal;
  /** `sections`: grouped, as a log that can be folded wants it; a step that is alone is shown as it goes. */
  readonly log: LogMode | "quiet" | "sections";
  /** Whose log it is written to; undefined for none that vt knows. */
  readonly ci?: CiSystem | undefined;
  readonly summary: "compact" | "full";
  /** A clock, in milliseconds. */
  readonly now: () => number;
};

export type Reporter = {
  readonly emit: Emit;
  /** Undefined until the run has finished. */
  readonly summary: () => RunSummary | undefined;
};

const outputStreams: readonly OutputStream[] = ["stdout", "stderr"];

/** Tells a person of a run, in the log mode they chose and with a summary at its end. */
export function createReporter(options: ReporterOptions): Reporter {
  const { terminal } = options;
  const palette = terminal.hasColours.stdout() ? coloured : plain;
  let printer = createPrinter(options);
  const filter = createDisplayFilter(terminal.hasColours);
  const summarizer = createSummarizer(options.now);
  const warned = new Set<string>();

  const finishStep = (step: Step, outcome: StepOutcome): void => {
    for (const stream of outputStreams) {
      const held = filter.finish(step, stream);
      if (held.length > 0) printer.output(step, stream, held);
    }
    const trouble = describeTrouble(outcome);
    if (trouble !== undefined) printer.line(step, `${palette.red("✗")} ${trouble}`);
    printer.finish(step, outcome);
    if (options.ci === "github" && hasFailed({ outcome }))
      terminal.write("stdout", describeAnnotation(step, outcome));
  };

  const finishRun = (): void => {
    const summary = summarizer.summary();
    const describe = options.summary === "full" ? describeFully : describeSummary;
    const text = summary === undefined ? "" : describe(summary, palette, summarizer.lastShown());
    if (text !== "") {
      printer.end();
      terminal.write("stdout", text);
    }
    terminal.flush();
  };

  const tell = (event: RunEvent): void => {
    switch (event.kind) {
      case "run-started":
        if (options.log === "sections" && isSingle(event.graph))
          printer = createInterleavedPrinter(terminal);
        return;
      case "step-started":
        printer.start(event.step, describeCommandLine(event.step, event.status, palette));
        // Whoever is started now may write to the same terminal.
        if (event.status.kind !== "hit") terminal.flush();
        return;
      case "output": {
        const { step, stream, bytes } = event;
        printer.output(step, stream, filter.push(step, stream, bytes));
        return;
      }
      case "note":
        printer.line(event.step, palette.brightBlack(printable(event.text)));
        return;
      case "step-finished":
        finishStep(event.step, event.outcome);
        return;
      case "store-revoked":
        return; // The summary says so.
      case "waiting":
        terminal.write("stderr", `note: ${describeWait(event)}\n`);
        return;
      case "warning":
        if (warned.has(event.text)) return;
        warned.add(event.text);
        terminal.write("stderr", `warning: ${printable(event.text)}\n`);
        return;
      case "run-finished":
        finishRun();
        return;
      default:
        unreachable(event);
    }
  };

  const emit = (event: RunEvent): void => {
    summarizer.add(event);
    tell(event);
  };
  return { emit, summary: summarizer.summary };
}

/** Nothing could come in between its text, nor is there anything to fold. */
function isSingle({ nodes }: ExecutionGraph): boolean {
  const [node, ...others] = nodes;
  const [item, ...more] = node?.items ?? [];
  return others.length === 0 && more.length === 0 && item?.kind === "step";
}

/** Loaded only where somebody wants to read so much. */
function describeFully(summary: RunSummary, palette: Palette): string {
  const { describeDetails }: typeof import("./details-text.ts") = require("./details-text.ts");
  return describeDetails(summary, palette);
}

function createPrinter({ terminal, log, ci, now }: ReporterOptions): Printer {
  switch (log) {
    case "interleaved":
      return createInterleavedPrinter(terminal);
    case "labeled": {
      const isBare = ci === "github" ? isWorkflowCommand : () => false;
      return createLabeledPrinter(terminal, { isBare });
    }
    case "grouped":
    case "sections":
      return createGroupedPrinter(terminal, ci === undefined ? plainFrame : sectionFrame(ci, now));
    case "quiet":
      return createQuietPrinter(terminal);
  }
}

/** What the step's own text does not say: that it could not start, or that a signal ended it. */
function describeTrouble(outcome: StepOutcome): string | undefined {
  if (outcome.kind === "not-started") return printable(outcome.message);
  if (outcome.kind === "timed-out")
    return `stopped: the task took longer than ${describeDuration(outcome.limitMs)}`;
  const signal = outcome.kind === "exited" ? outcome.signal : undefined;
  // Whoever pressed Ctrl-C knows.
  return signal === undefined || signal === "SIGINT" ? undefined : `ended by ${signal}`;
}
