const unitsMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

/** `90s`, `10m`, `1h`, `500ms` in milliseconds; undefined for what is no such text, and for no time at all. */
export function parseDuration(text: string): number | undefined {
  const [, amount = "", unit = ""] = /^(\d{1,9})(ms|s|m|h)$/.exec(text) ?? [];
  const durationMs = Number(amount) * (unitsMs[unit] ?? 0);
  return durationMs > 0 ? durationMs : undefined;
}
