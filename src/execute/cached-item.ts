import type { Digest } from "../base/digest.ts";
import {
  type CachedStep,
  type CacheKey,
  cacheKey,
  type KeyContext,
  type SpawnFingerprint,
  spawnFingerprint,
  stepKeyDigest,
} from "../cache/key.ts";
import type { ProgramSearch } from "../cache/programs.ts";
import { createToolEnvironment, type ToolEnvironment } from "../ipc/tool-environment.ts";
import type { Step } from "../plan/step.ts";

/** A step whose cache is on, with all that is known of it without a look at the disk. */
export type CachedItem = CachedStep & {
  readonly isForced: boolean;
  /** A program in a temporary place that a later step runs: this one may make it, and a hit would not. */
  readonly wantedProgram?: string;
  readonly fingerprint: SpawnFingerprint;
  readonly key: CacheKey;
  readonly stepDigest: Digest;
  readonly search: ProgramSearch;
  /** What a tool that asks for variables is told. */
  readonly toolEnvironment: ToolEnvironment;
};

/** Undefined for a step that is not cached. With `program` as if the plan had found that one. */
export function cachedItem(
  step: Step,
  context: KeyContext,
  program = step.action.kind === "process" ? step.action.program : undefined,
): CachedItem | undefined {
  if (step.cache.kind === "off" || step.action.kind === "echo" || program === undefined)
    return undefined;
  const { policy, isForced } = step.cache;
  const { args } = step.action;
  const cached: CachedStep = { step, policy, program, args };
  const fingerprint = spawnFingerprint(cached, context);
  return {
    ...cached,
    isForced,
    fingerprint,
    key: cacheKey(fingerprint),
    stepDigest: stepKeyDigest(step.key),
    search: { cwd: step.cwd, path: step.environment["PATH"] },
    toolEnvironment: createToolEnvironment(step, policy),
  };
}
