/** Fixtures that show a fault of vt which is not mended yet, and what it is. */
export const knownFailures: Readonly<Record<string, string>> = {
  "repeat-after-other-variables":
    "a task of several items lists what a run with other variables made and writes it anew: the repeat of what was stored misses once",
};
