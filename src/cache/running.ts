import { DamagedBytes } from "../base/bytes.ts";
import { readProcessStat } from "../base/process-stat.ts";
import type { Cache } from "./cache.ts";
import type { CacheKey } from "./key.ts";

/** A run that has begun, known to every vt that uses the cache. */
export type RunningStep = {
  /**
   * Whether nobody else has run anything with one of the same keys in this tree since it began: two at
   * once mix what they write, and neither can tell.
   */
  readonly soFar: () => "alone" | "shared";
  /** The same, and the end of it. To be called once, when the run has ended. */
  readonly end: () => "alone" | "shared";
};

/** Of the runs that this process has begun. */
const own = new Set<string>();

/** When this process began, which is asked for with every run. */
let ownStart: string | undefined;

type Runner = {
  readonly pid: number;
  /** Tells the process from a later one with its number. */
  readonly started: string;
  readonly token: string;
  readonly isShared: boolean;
};

/** Says that something with these keys runs now, in process `pid`. */
export function beginRunning(cache: Cache, keys: readonly CacheKey[], pid: number): RunningStep {
  const token = crypto.randomUUID();
  const started = startOf(pid);
  own.add(token);
  const alone: Runner = { pid, started, token, isShared: false };
  if (!didAdd(cache, keys, alone))
    update(cache, keys, (runners) => {
      const isShared = runners.length > 0;
      const others = runners.map((runner) => ({ ...runner, isShared: true }));
      return [...others, { ...alone, isShared }];
    });
  const look = (change: (runners: Runner[]) => Runner[]): "alone" | "shared" => {
    let isShared = false;
    update(cache, keys, (runners) => {
      isShared ||= runners.find((runner) => runner.token === token)?.isShared === true;
      return change(runners);
    });
    return isShared ? "shared" : "alone";
  };
  return {
    soFar: () => look((runners) => runners),
    end: () =>
      didRemove(cache, keys, alone)
        ? "alone"
        : look((runners) => runners.filter((runner) => runner.token !== token)),
  };
}

/*
 * Nearly always there is one key and one runner, which takes one statement: it does nothing where anything else
 * is known of the key. Trouble is told, and nothing is known then.
 */

function didAdd(cache: Cache, [key, ...others]: readonly CacheKey[], runner: Runner): boolean {
  if (key === undefined || others.length > 0 || !cache.canWrite) return false;
  const record = { usedMs: cache.now(), value: encode([runner]) };
  return cache.attempt((database) => database.didAddRecord("run", key, record)) !== false;
}

function didRemove(cache: Cache, [key, ...others]: readonly CacheKey[], runner: Runner): boolean {
  if (key === undefined || others.length > 0 || !cache.canWrite) return false;
  return (
    cache.attempt((database) => database.didRemoveRecord("run", key, encode([runner]))) !== false
  );
}

function update(
  cache: Cache,
  keys: readonly CacheKey[],
  change: (runners: Runner[]) => Runner[],
): void {
  if (!cache.canWrite) return;
  cache.attempt((database) =>
    database.transaction(() => {
      for (const key of new Set(keys)) {
        const runners = change(parse(database.record("run", key)).filter(isAlive));
        if (runners.length === 0) database.removeRecord("run", key);
        else
          database.setRecord("run", key, {
            usedMs: cache.now(),
            value: encode(runners),
          });
      }
    }),
  );
}

function encode(runners: readonly Runner[]): Buffer {
  return Buffer.from(JSON.stringify(runners));
}

function parse(bytes: Buffer | undefined): Runner[] {
  if (bytes === undefined) return [];
  try {
    return JSON.parse(bytes.toString());
  } catch (cause) {
    throw new DamagedBytes("not a list of runners", { cause });
  }
}

/** A vt that was killed cannot say that it has ended. */
function isAlive({ pid, started, token }: Runner): boolean {
  // Our own number in a record that is not ours: of a vt that had it before, or in another container.
  if (pid === process.pid) return own.has(token);
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EPERM")) return false;
  }
  return startOf(pid) === started;
}

/** Tells a process from a later one with its number; "" where the system does not. */
function startOf(pid: number): string {
  if (pid !== process.pid) return readStart(pid);
  ownStart ??= readStart(pid);
  return ownStart;
}

function readStart(pid: number): string {
  return String(readProcessStat(pid)?.startedAt ?? "");
}
