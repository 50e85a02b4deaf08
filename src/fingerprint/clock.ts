import { closeSync, fstatSync, openSync, unlinkSync, writeSync } from "node:fs";
import { type AbsolutePath, diskPath, resolvePath } from "../base/path.ts";
import { type Stamp, stampChangeTime, stampKind, unprovenStamp } from "../native/stamp.ts";

/**
 * File systems without a time for every change take it from a clock that ticks every 1 to 10 ms, so
 * that a change can carry a time up to 10 ms before it happened. The rest is for our own rounding.
 */
export const clockGrainMs = 12;

const trials = 3;

/**
 * Whether the file system of `directory` gives a change that follows upon a look a time of its own,
 * as Linux does since 6.13. Where it does not, two changes within one tick look alike.
 */
export function isClockFine(directory: AbsolutePath, pid: number): boolean {
  const path = diskPath(resolvePath(directory, `clock-${pid}`));
  try {
    const descriptor = openSync(path, "w", 0o600);
    try {
      const times = Array.from({ length: trials }, () => {
        writeSync(descriptor, "x", 0);
        return fstatSync(descriptor, { bigint: true }).ctimeNs;
      });
      return new Set(times).size === trials;
    } finally {
      closeSync(descriptor);
      unlinkSync(path);
    }
  } catch (error) {
    if (error instanceof Error && "code" in error) return false;
    throw error;
  }
}

/** File systems that keep no more than seconds, or every other one. */
const secondsGrainMs = 2_000;

/** Whether the time of the last change tells no more than the second; one in a billion does by chance. */
export function hasWholeSeconds(stamp: Stamp): boolean {
  return stampChangeTime(stamp) % 1_000_000_000n === 0n;
}

/** The stamp, or `unprovenStamp` when it is so young that a later change could leave it as it is. */
export function provenStamp(stamp: Stamp, nowMs: number): Stamp {
  return provenAt(nowMs)(stamp);
}

/** The same for many at one time. */
export function provenAt(nowMs: number): (stamp: Stamp) => Stamp {
  const before = (grainMs: number): bigint => BigInt(nowMs - grainMs) * 1_000_000n;
  const [youngest, youngestOfSeconds] = [before(clockGrainMs), before(secondsGrainMs)];
  return (stamp) => {
    if (stampKind(stamp) === "missing") return stamp;
    const changedAt = stampChangeTime(stamp);
    if (changedAt < youngestOfSeconds) return stamp;
    return changedAt < youngest && !hasWholeSeconds(stamp) ? stamp : unprovenStamp;
  };
}
