/**
 * vt starts with little compilation (`scripts/compile.ts`), since a hit is over before that pays. To be
 * called where a run turns out to be a long one.
 */
export function expectLongRun(): void {
  Bun.unsafe.setJITPolicy(1);
}
