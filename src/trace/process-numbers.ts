/** How the system has numbered processes and threads since a step began. NaN where it does not tell. */
type Numbering = {
  readonly first: number;
  readonly newest: number;
  /** How many were given. */
  readonly given: number;
  /** Of now. */
  readonly threads: number;
  /** How many there are. */
  readonly count: number;
};

/**
 * Those of `pids` that were given since `first`. Numbers are given in turn: unless they may have come round
 * meanwhile, they lie between `first` and `newest`. Else all of them.
 */
export function numbersSince(
  pids: readonly number[],
  { first, newest, given, threads, count }: Numbering,
): readonly number[] {
  // What a thread keeps from being given again: its own number, its group's and its session's.
  const isOneRound = given > 0 && given + 3 * threads < count / 2;
  if (!isOneRound) return pids;
  return pids.filter((pid) => pid >= first || (newest < first && pid <= newest));
}
