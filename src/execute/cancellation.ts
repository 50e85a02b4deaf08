import { unreachable } from "../base/assert.ts";

/** What a terminal, a system or another program ends us with. */
export type InterruptSignal = "SIGINT" | "SIGTERM" | "SIGHUP";

/** What running steps are told: to end, or that they are ended now. */
export type StopSignal = InterruptSignal | "SIGKILL";

type CancelCause =
  | { readonly kind: "step-failed" }
  | { readonly kind: "timed-out"; readonly limitMs: number }
  | { readonly kind: "interrupted"; readonly signal: InterruptSignal };

type StopListener = (signal: StopSignal) => void;

/** One per run: whether it goes on, and if not, how its running steps end. */
export type Cancellation = {
  /** Why the run ends early; undefined while it goes on. The first cause stays. */
  readonly cause: () => CancelCause | undefined;
  /**
   * Ends the run. After a failed step running steps are killed, after an interrupt they get its signal,
   * and SIGTERM when their time is over.
   */
  readonly cancel: (cause: CancelCause) => void;
  /** Kills what did not end after `cancel`. */
  readonly kill: () => void;
  /**
   * Calls `listener` with each signal that running steps are to get, at once when there was one
   * already. Stops when the result is disposed.
   */
  readonly onStop: (listener: StopListener) => Disposable;
};

function firstSignal(cause: CancelCause): StopSignal {
  switch (cause.kind) {
    case "step-failed":
      return "SIGKILL";
    case "timed-out":
      return "SIGTERM";
    case "interrupted":
      return cause.signal;
    default:
      return unreachable(cause);
  }
}

export function createCancellation(): Cancellation {
  const listeners = new Set<StopListener>();
  let cause: CancelCause | undefined;
  let lastSignal: StopSignal | undefined;

  const stop = (signal: StopSignal): void => {
    lastSignal = signal;
    for (const listener of [...listeners]) listener(signal);
  };

  return {
    cause: () => cause,
    cancel: (newCause) => {
      if (cause !== undefined) return;
      cause = newCause;
      stop(firstSignal(newCause));
    },
    kill: () => {
      if (lastSignal !== "SIGKILL") stop("SIGKILL");
    },
    onStop: (listener) => {
      listeners.add(listener);
      if (lastSignal !== undefined) listener(lastSignal);
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },
  };
}
