import { createEscapeStripper, type EscapeStripper } from "../base/escape-stripper.ts";
import type { OutputStream } from "../execute/event.ts";
import type { Step } from "../plan/step.ts";
import type { Terminal } from "./terminal.ts";

/** Makes what steps print fit for streams that cannot show colours. */
type DisplayFilter = {
  /** What of `bytes` is to be shown now. */
  readonly push: (step: Step, stream: OutputStream, bytes: Uint8Array) => Uint8Array;
  /** What was held back of a stream that has ended. */
  readonly finish: (step: Step, stream: OutputStream) => Uint8Array;
};

const nothing = new Uint8Array(0);

export function createDisplayFilter(hasColours: Terminal["hasColours"]): DisplayFilter {
  const strippers: Record<OutputStream, Map<Step, EscapeStripper>> = {
    stdout: new Map(),
    stderr: new Map(),
  };
  return {
    push: (step, stream, bytes) => {
      if (hasColours[stream]()) return bytes;
      const stripper = strippers[stream].get(step) ?? createEscapeStripper();
      strippers[stream].set(step, stripper);
      return stripper.push(bytes);
    },
    finish: (step, stream) => {
      const held = strippers[stream].get(step)?.finish() ?? nothing;
      strippers[stream].delete(step);
      return held;
    },
  };
}
