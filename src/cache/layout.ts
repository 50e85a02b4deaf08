/** What the cache directory of this vt is called; raised with every change of what is kept in it. */
export const cacheLayout = "v4";

/** In it: what the last run was, for `--last-details`. */
export const lastSummaryName = "last-summary.json";

/** In it: runs that need not be worked out again, by `runKey`. */
export const runsName = "runs";
