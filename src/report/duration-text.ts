/** A duration in milliseconds as people read it: `82ms`, `0.25ms`, `1.50s`, `75s`. */
export function describeDuration(durationMs: number): string {
  const isBelowSecond = Math.round(durationMs * 100) < 100_000;
  return isBelowSecond
    ? `${describeNumber(durationMs)}ms`
    : `${describeNumber(durationMs / 1000)}s`;
}

/** Two decimals, or none where both are zero. */
function describeNumber(value: number): string {
  return value.toFixed(2).replace(/\.00$/, "");
}
