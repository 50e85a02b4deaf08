const units = ["B", "KiB", "MiB", "GiB", "TiB"] as const;

/** Bytes as people read them: `512 B`, `3.4 MiB`. */
export function describeBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  for (; value >= 1024 && unit < units.length - 1; unit += 1) value /= 1024;
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}

const [secondMs, minuteMs, hourMs, dayMs] = [1000, 60_000, 3_600_000, 86_400_000];

/** How long ago, as people say it: `just now`, `5 minutes ago`, `12 days ago`. */
export function describeAge(ageMs: number): string {
  if (ageMs < minuteMs) return "just now";
  const [count, name] =
    ageMs < hourMs
      ? [ageMs / minuteMs, "minute"]
      : ageMs < dayMs
        ? [ageMs / hourMs, "hour"]
        : [ageMs / dayMs, "day"];
  const whole = Math.floor(count);
  return `${whole} ${name}${whole === 1 ? "" : "s"} ago`;
}

/** `500MB`, `2 GiB`, `1.5g`: bytes, each step 1024, as the units of caches are. Undefined for anything else. */
export function parseBytes(text: string): number | undefined {
  const [, number, prefix = ""] = /^(\d{1,9}(?:\.\d{1,3})?) ?([kmgt]?)i?b?$/i.exec(text) ?? [];
  if (number === undefined) return undefined;
  return Math.floor(Number(number) * 1024 ** " kmgt".indexOf(prefix.toLowerCase() || " "));
}

/** `30d`, `12h`, `90m`, `10s`: milliseconds. Undefined for anything else. */
export function parseAge(text: string): number | undefined {
  const [, number, unit] = /^(\d{1,6}) ?([smhd])$/i.exec(text) ?? [];
  if (number === undefined || unit === undefined) return undefined;
  const factors = { s: secondMs, m: minuteMs, h: hourMs, d: dayMs } as const;
  return Number(number) * factors[unit.toLowerCase() as keyof typeof factors];
}
