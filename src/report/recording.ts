import { unreachable } from "../base/assert.ts";
import type { CapturedChunk } from "../cache/captured-text.ts";
import { createCapture } from "../execute/capture.ts";
import type { Emit, RunEvent } from "../execute/event.ts";
import type { Terminal } from "./terminal.ts";

/** Longer text takes longer to be written than a run to be worked out. */
const recordedBytesMax = 4 * 1024 * 1024;

/** Listens to a run, whether it is one that the same command would only repeat. */
export type Recording = {
  /** To be written to instead of the one that is recorded. */
  readonly terminal: Terminal;
  readonly note: Emit;
  /**
   * All that was printed, and how many steps were hits. Undefined when something ran, failed, or was
   * told that belongs to this run alone.
   */
  readonly finish: () => Recorded | undefined;
};

export type Recorded = { readonly text: readonly CapturedChunk[]; readonly hits: number };

/** Records what is written to `terminal` from now on. */
export function startRecording(terminal: Terminal): Recording {
  const capture = createCapture(recordedBytesMax);
  let hits = 0;
  let isRepeatable = true;
  return {
    terminal: {
      ...terminal,
      write: (stream, text) => {
        const bytes = typeof text === "string" ? Buffer.from(text) : text;
        if (isRepeatable) capture.add(stream, bytes);
        terminal.write(stream, bytes);
      },
    },
    note: (event) => {
      isRepeatable &&= isOfRepeatableRun(event);
      if (event.kind === "step-started" && event.status.kind === "hit") hits += 1;
    },
    finish: () => {
      const captured = capture.finish();
      if (!isRepeatable || captured.kind !== "complete") return undefined;
      return { text: captured.chunks, hits };
    },
  };
}

function isOfRepeatableRun(event: RunEvent): boolean {
  switch (event.kind) {
    case "run-started":
    case "output":
      return true;
    case "step-started":
    case "step-finished":
      return event.status.kind === "hit" || event.step.action.kind === "echo";
    case "run-finished":
      return event.exitCode === 0 && event.interruptedBy === undefined;
    case "note":
    case "warning":
    case "waiting":
    case "store-revoked":
      return false;
    default:
      return unreachable(event);
  }
}
