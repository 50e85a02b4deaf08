import { closeSync, constants, existsSync, mkdirSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";

/** Two named pipes: a program that pauses writes to `reached`, then waits for something in `go`. */
const pipes = ["reached", "go"];

/** Makes the place at which programs pause, unless it is there. Throws when that is not possible. */
export function makePause(directory: string): void {
  if (existsSync(directory)) return;
  mkdirSync(directory);
  const made = Bun.spawnSync(["mkfifo", ...pipes.map((name) => join(directory, name))]);
  if (!made.success) throw new Error(`mkfifo: ${made.stderr}`);
}

/**
 * Waits for `running`, and does something the first time a program of it pauses. Returns what became of
 * `running`, and whether one paused.
 */
export async function whilePaused<T>(
  directory: string,
  { running, act }: { readonly running: Promise<T>; readonly act: () => void },
): Promise<{ readonly result: T; readonly hasPaused: boolean }> {
  // Opened for both, neither side waits for the other to open.
  const [reached = -1, go = -1] = pipes.map((name) =>
    openSync(join(directory, name), constants.O_RDWR | constants.O_NONBLOCK),
  );
  let [hasPaused, isOver] = [false, false];
  const listening = (async () => {
    for await (const _ of Bun.file(reached).stream()) {
      if (isOver) return;
      if (!hasPaused) act();
      hasPaused = true;
      writeSync(go, "x");
    }
  })();
  try {
    return { result: await running, hasPaused };
  } finally {
    isOver = true;
    writeSync(reached, "x");
    await listening;
    closeSync(go);
  }
}
