import { existsSync } from "node:fs";
import { describeAge, describeBytes } from "../base/amount.ts";
import { unreachable } from "../base/assert.ts";
import { UserError } from "../base/error.ts";
import { errnoOf } from "../base/file.ts";
import type { Host } from "../base/host.ts";
import { type AbsolutePath, diskPath, printable, resolvePath } from "../base/path.ts";
import { Cache, type CacheMode, cacheDirectory, cacheHome } from "../cache/cache.ts";
import { type Cleaned, cleanCache } from "../cache/clean.ts";
import { type CacheLimits, collect, defaultLimits } from "../cache/collect.ts";
import { type CacheSummary, summarizeCache } from "../cache/summary.ts";
import { type CacheDamage, repairCache, verifyCache } from "../cache/verify.ts";
import type { Terminal } from "../report/terminal.ts";
import { findWorkspace } from "../workspace/root.ts";
import type { CacheCall } from "./cache-command.ts";

/**
 * `vt cache …`. Returns the exit code: 1 when the cache cannot be read, or `verify` found damage and was
 * not to repair it. That there is no cache is fine.
 */
export async function tendCache(call: CacheCall, host: Host, terminal: Terminal): Promise<number> {
  const { root } = await findWorkspace(host.cwd);
  const place = { root, host, terminal };
  if (call.kind === "clean") {
    clean(place);
    return 0;
  }
  const directory = cacheDirectory({ root, environment: host.environment });
  if (!existsSync(diskPath(resolvePath(directory, "cache.db")))) {
    terminal.write("stdout", `There is no cache at ${printable(directory)}.\n`);
    return 0;
  }
  switch (call.kind) {
    case "info":
      return showInfo(place);
    case "prune":
      return prune(place, call.limits);
    case "verify":
      return await verify(place, call);
    default:
      return unreachable(call);
  }
}

type Place = {
  readonly root: AbsolutePath;
  readonly host: Host;
  readonly terminal: Terminal;
};

/** Of every version of vt. That there is none is fine. */
function clean(place: Place): void {
  const { environment } = place.host;
  const home = cacheHome({ root: place.root, environment });
  const summary = summarizeQuietly(place);
  try {
    const removed = describeCleaned(cleanCache(home), summary);
    const text =
      removed === undefined
        ? `There is no cache at ${printable(home)}.\n`
        : `Removed ${removed} from ${printable(home)}.\n`;
    place.terminal.write("stdout", text);
    if (removed !== undefined && environment["VT_CACHE_DIR"])
      place.terminal.write("stdout", "Other workspaces with this VT_CACHE_DIR lost theirs, too.\n");
  } catch (cause) {
    if (errnoOf(cause) === undefined) throw cause;
    throw new UserError(`the cache ${printable(home)} cannot be removed (${errnoOf(cause)})`, {
      code: "cache-invalid",
      cause,
    });
  }
}

/** Undefined where there is none, or none that can be read, which is no news to who wants it gone. */
function summarizeQuietly({ root, host }: Place): CacheSummary | undefined {
  const { environment, now } = host;
  using cache = Cache.open({ root, environment, mode: "read", now, warn: () => undefined });
  return summarizeCache(cache, defaultLimits);
}

/** As `info` counts it; what cannot be read is counted by its files. Undefined where there was nothing. */
function describeCleaned(
  { own, others }: Cleaned,
  summary: CacheSummary | undefined,
): string | undefined {
  const parts = [
    ...(own === undefined ? [] : [summary ? describeParts(summary) : describeBytes(own)]),
    ...(others === undefined ? [] : [`${describeBytes(others)} of other versions of vt`]),
  ];
  return parts.length === 0 ? undefined : parts.join(", and ");
}

function openCache({ root, host, terminal }: Place, mode: CacheMode): Cache {
  return Cache.open({
    root,
    environment: host.environment,
    mode,
    now: host.now,
    warn: (text) => terminal.write("stderr", `warning: ${printable(text)}\n`),
  });
}

function showInfo(place: Place): number {
  using cache = openCache(place, "read");
  const summary = summarizeCache(cache, defaultLimits);
  const { terminal, host } = place;
  if (summary === undefined) return 1; // There was a warning that says why.
  const { entries, keys, runs, bytes, used, surplus } = summary;
  const age = (ms: number): string => describeAge(Math.max(0, host.now() - ms));
  const lines = [
    `Cache:    ${printable(cache.directory)}`,
    `Results:  ${entries}, of ${count(keys, "step")}`,
    ...(runs === 0 ? [] : [`Runs:     ${runs}, remembered as a whole`]),
    `Size:     ${describeBytes(bytes)} of ${describeBytes(defaultLimits.sizeBytes)}`,
    ...(used === undefined
      ? []
      : [`Used:     ${age(used.lastMs)}, the least recent ${age(used.firstMs)}`]),
    `Surplus:  ${describeParts(surplus)}`,
  ];
  terminal.write("stdout", `${lines.join("\n")}\n`);
  return 0;
}

function prune(place: Place, limits: Partial<CacheLimits>): number {
  using cache = openCache(place, "read-write");
  const removed = collect(cache, { ...defaultLimits, ...limits }, Number.POSITIVE_INFINITY);
  place.terminal.write("stdout", `Removed ${describeParts(removed)}.\n`);
  return 0;
}

/** "2 results, 1 remembered run, 3 KiB" */
function describeParts({
  entries,
  runs,
  bytes,
}: Pick<CacheSummary, "entries" | "runs" | "bytes">): string {
  const runText = runs === 0 ? [] : [count(runs, "remembered run")];
  return [count(entries, "result"), ...runText, describeBytes(bytes)].join(", ");
}

async function verify(
  place: Place,
  { shouldRepair }: Extract<CacheCall, { readonly kind: "verify" }>,
): Promise<number> {
  using cache = openCache(place, shouldRepair ? "read-write" : "read");
  const { terminal } = place;
  const verification = await verifyCache(cache);
  if (verification === undefined) return 1;
  const { entries, damages } = verification;
  for (const damage of damages) terminal.write("stdout", `${describeDamage(damage)}\n`);
  if (shouldRepair) repairCache(cache, damages);
  const done = shouldRepair
    ? "repaired"
    : "found: `vt cache verify --repair` drops what is damaged";
  const end = damages.length === 0 ? "all is well" : `${count(damages.length, "damage")} ${done}`;
  terminal.write("stdout", `${count(entries, "result")} verified, ${end}.\n`);
  return damages.length === 0 || shouldRepair ? 0 : 1;
}

function describeDamage(damage: CacheDamage): string {
  switch (damage.kind) {
    case "database":
      return `The database: ${printable(damage.detail)}`;
    case "entry":
      return `Result ${damage.id}${describeLabels(damage.labels)}: ${printable(damage.detail)}`;
    case "record":
      return `Record of a ${damage.record}: damaged`;
    default:
      return unreachable(damage);
  }
}

function describeLabels(labels: readonly string[]): string {
  return labels.length === 0 ? "" : ` (${labels.map(printable).join("; ")})`;
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}
