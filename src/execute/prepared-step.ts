import type { Digest } from "../base/digest.ts";
import type { WorkspacePath } from "../base/path.ts";
import {
  type CachedStep,
  type CacheKey,
  cacheKey,
  type SpawnFingerprint,
  spawnFingerprint,
  stepKeyDigest,
} from "../cache/key.ts";
import { type Lookup, lookUp } from "../cache/lookup.ts";
import type { ProgramSearch } from "../cache/programs.ts";
import { isRowInPlace } from "../cache/row.ts";
import type { Condition } from "../fingerprint/condition.ts";
import { readDeclared } from "../fingerprint/declared.ts";
import { Exclusions } from "../fingerprint/exclusions.ts";
import { Tree } from "../fingerprint/tree.ts";
import { createToolEnvironment, type ToolEnvironment } from "../ipc/tool-environment.ts";
import type { Step } from "../plan/step.ts";
import type { Session } from "./session.ts";

/** A step whose cache is on, with all that is known of it before it runs. */
export type PreparedStep = CachedStep & {
  readonly kind: "cached";
  readonly isForced: boolean;
  readonly fingerprint: SpawnFingerprint;
  readonly key: CacheKey;
  readonly stepDigest: Digest;
  /** The workspace as it is now, each path read once. */
  readonly tree: Tree;
  readonly exclusions: Exclusions;
  readonly search: ProgramSearch;
  /** Declared inputs, hashed before the run. */
  readonly declared: readonly Condition[];
  readonly unreadable: WorkspacePath | undefined;
  /** What a tool that asks for variables is told. */
  readonly toolEnvironment: ToolEnvironment;
};

/** Reads the declared inputs; nothing is started and nothing written. */
export function prepare(
  step: Step,
  session: Session,
): PreparedStep | { readonly kind: "uncached" } {
  if (step.cache.kind === "off" || step.action.kind === "echo") return { kind: "uncached" };
  const { policy, isForced } = step.cache;
  const { program, args } = step.action;
  const cached: CachedStep = { step, policy, program, args };
  const fingerprint = spawnFingerprint(cached, session);
  const tree = new Tree(session.root, session.hashes);
  const { conditions, unreadable } = readDeclared(tree, policy.input);
  return {
    ...cached,
    kind: "cached",
    isForced,
    fingerprint,
    key: cacheKey(fingerprint),
    stepDigest: stepKeyDigest(step.key),
    tree,
    exclusions: new Exclusions(tree, session.cache.place),
    search: { find: session.findProgram, cwd: step.cwd, path: step.environment["PATH"] },
    declared: conditions,
    unreadable,
    toolEnvironment: createToolEnvironment(step, policy),
  };
}

/** What the cache has for the step. */
export function findResult(prepared: PreparedStep, session: Session): Lookup {
  if (prepared.isForced) return { kind: "miss", reason: { kind: "forced" } };
  const { key, fingerprint, stepDigest, tree, exclusions, search, declared } = prepared;
  const { toolEnvironment } = prepared;
  return lookUp(
    session.cache,
    { key, fingerprint, step: stepDigest, tree, exclusions, search, declared, toolEnvironment },
    (row) => isRowInPlace(tree, row),
  );
}
