/** What `left` still returns after it was given two seconds to return nothing. */
export async function remainder(left: () => readonly string[]): Promise<readonly string[]> {
  const deadline = performance.now() + 2000;
  while (left().length > 0 && performance.now() < deadline) await Bun.sleep(5);
  return left();
}

/** Returns once `isMet` returns true. Throws, naming `what` was waited for, after thirty seconds. */
export async function waitFor(what: string, isMet: () => boolean): Promise<void> {
  const deadline = performance.now() + 30_000;
  while (!isMet()) {
    if (performance.now() > deadline) throw new Error(`waited in vain for ${what}`);
    await Bun.sleep(5);
  }
}

/** Does it again and again until the promise is settled: for what is not heard at every moment. */
export async function repeat(act: () => void, done: Promise<unknown>): Promise<void> {
  let isDone = false;
  const end = done.then(() => {
    isDone = true;
  });
  while (!isDone) {
    act();
    await Promise.race([end, Bun.sleep(50)]);
  }
}
