import { type Cancellation, createCancellation } from "./cancellation.ts";
import { interruptGraceMs } from "./interrupt.ts";

/**
 * A cancellation for what may take `limitMs`, inside of another one. When the time is over, what runs is asked to
 * end, and killed if it does not; the outer one goes on. Disposing of it stops the clock.
 */
export function limitTime(outer: Cancellation, limitMs: number): Cancellation & Disposable {
  const inner = createCancellation();
  let timer = setTimeout(() => {
    if (outer.cause() !== undefined) return;
    inner.cancel({ kind: "timed-out", limitMs });
    timer = setTimeout(inner.kill, interruptGraceMs);
  }, limitMs);
  return {
    cause: () => inner.cause() ?? outer.cause(),
    cancel: outer.cancel,
    kill: outer.kill,
    onStop: (listener) => {
      const stops = new DisposableStack();
      stops.use(outer.onStop(listener));
      stops.use(inner.onStop(listener));
      return stops;
    },
    [Symbol.dispose]: () => clearTimeout(timer),
  };
}
