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

/** `5s`, `2m 05s`, `1h 02m`. */
export function describeElapsed(durationMs: number): string {
  const seconds = Math.max(0, Math.floor(durationMs / 1000));
  const minutes = Math.floor(seconds / 60);
  const two = (value: number): string => String(value).padStart(2, "0");
  if (minutes === 0) return `${seconds}s`;
  if (minutes < 60) return `${minutes}m ${two(seconds % 60)}s`;
  return `${Math.floor(minutes / 60)}h ${two(minutes % 60)}m`;
}
