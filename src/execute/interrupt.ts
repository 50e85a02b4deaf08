import { readFileSync } from "node:fs";
import type { Cancellation, InterruptSignal } from "./cancellation.ts";

/** How long tasks may take to end after an interrupt before they are killed. */
export const interruptGraceMs = 10_000;

/**
 * Who runs vt for somebody else, as `bun run` does, passes Ctrl-C on although the terminal has told vt, too: what
 * comes as soon after the first signal is the same one.
 */
const interruptEchoMs = 200;

/** What a shell expects of a program that a signal ended: 128 and the signal's number. */
export const interruptExitCodes: Readonly<Record<InterruptSignal, number>> = {
  SIGHUP: 129,
  SIGINT: 130,
  SIGTERM: 143,
};

const signalNumbers: Readonly<Record<InterruptSignal, number>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGTERM: 15,
};

const interruptSignals: readonly InterruptSignal[] = ["SIGINT", "SIGTERM", "SIGHUP"];

/**
 * Turns SIGINT, SIGTERM and SIGHUP into a cancelled run until the result is disposed. A second
 * signal, a moment later, or `graceMs` without an end, kills what still runs. A signal that we were started to
 * ignore stays ignored, as `nohup` wants it.
 */
export function cancelOnInterrupt(
  cancellation: Cancellation,
  times: { readonly graceMs?: number; readonly echoMs?: number } = {},
): Disposable {
  const { graceMs = interruptGraceMs, echoMs = interruptEchoMs } = times;
  let timer: Timer | undefined;
  let echo: Timer | undefined;
  const listener = (signal: InterruptSignal): void => {
    if (timer !== undefined) {
      if (echo === undefined) cancellation.kill();
      return;
    }
    timer = setTimeout(cancellation.kill, graceMs);
    echo = setTimeout(() => {
      echo = undefined;
    }, echoMs);
    cancellation.cancel({ kind: "interrupted", signal });
  };
  const ignored = ignoredSignals();
  const heard = interruptSignals.filter((signal) => !ignored.has(signal));
  for (const signal of heard) process.on(signal, listener);
  return {
    [Symbol.dispose]: () => {
      clearTimeout(timer);
      clearTimeout(echo);
      for (const signal of heard) process.off(signal, listener);
    },
  };
}

/** Linux tells; elsewhere nothing counts as ignored. */
function ignoredSignals(): ReadonlySet<InterruptSignal> {
  const mask = BigInt(`0x${ignoredSignalMask()}`);
  return new Set(
    interruptSignals.filter((signal) => ((mask >> BigInt(signalNumbers[signal] - 1)) & 1n) === 1n),
  );
}

/** Bit n - 1 stands for signal n. */
function ignoredSignalMask(): string {
  try {
    return /^SigIgn:\s*([0-9a-f]+)$/m.exec(readFileSync("/proc/self/status", "latin1"))?.[1] ?? "0";
  } catch {
    return "0";
  }
}
