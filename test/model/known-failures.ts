/** Fixtures that show a fault of vt which is not mended yet, and what it is. */
export const knownFailures: Readonly<Record<string, string>> = {};
