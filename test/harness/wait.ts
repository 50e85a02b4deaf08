/** What `left` still returns after it was given two seconds to return nothing. */
export async function remainder(left: () => readonly string[]): Promise<readonly string[]> {
  const deadline = performance.now() + 2000;
  while (left().length > 0 && performance.now() < deadline) await Bun.sleep(5);
  return left();
}
