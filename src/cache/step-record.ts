import { DamagedBytes } from "../base/bytes.ts";
import type { CacheKey, SpawnFingerprint } from "./key.ts";
import type { SkipReason } from "./skip.ts";

/** How a step was when it last used the cache; explains its next miss. */
export type StepRecord = {
  /** Of its unit. */
  readonly key: CacheKey;
  readonly fingerprint: SpawnFingerprint;
  /** `package#task: command`, for people; absent in what an earlier vt wrote. */
  readonly label?: string;
  /** Why its last run was not stored; absent when it was. */
  readonly notStored?: SkipReason;
};

export function encodeStepRecord(record: StepRecord): Buffer {
  return Buffer.from(JSON.stringify(record));
}

/** The seal around the record vouches for its shape. Throws `DamagedBytes` when it is no JSON. */
export function decodeStepRecord(bytes: Uint8Array): StepRecord {
  try {
    return JSON.parse(Buffer.from(bytes).toString());
  } catch (cause) {
    throw new DamagedBytes("not a step record", { cause });
  }
}
