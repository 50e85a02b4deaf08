import { type Digest, digestOf } from "../base/digest.ts";
import { type AbsolutePath, comparePaths, nameOf, toWorkspacePath } from "../base/path.ts";
import type { CachePolicy, Step, StepKey } from "../plan/step.ts";
import type { GlobConfig } from "../task/task.ts";
import type { MissReason } from "./miss.ts";

/** All that is known of a step before it runs, and that decides which entries it may use. */
export type SpawnFingerprint = {
  readonly cwd: string;
  /** Root-relative where the program lies in the workspace, else its name alone. */
  readonly program: string;
  readonly args: readonly string[];
  /** Values as digests, since a value may be a secret. */
  readonly env: readonly (readonly [name: string, value: Digest])[];
  readonly untrackedEnv: readonly string[];
  readonly input: GlobConfig;
  readonly output: GlobConfig;
  /** Operating system, architecture, libc. */
  readonly platform: string;
};

/** Every distinct spawn fingerprint deserves entries of its own: this is the digest of one. */
export type CacheKey = Digest;

/** A cache key, a slash, and what tells a tree from others: the id of what is true there alone. */
export type TreeKey = string & { readonly __treeKey: never };

/** Where a step runs, as far as its fingerprint is concerned. */
export type KeyContext = { readonly root: AbsolutePath; readonly platform: string };

/** A step whose cache is on, and that starts a process. */
export type CachedStep = {
  readonly step: Step;
  readonly policy: CachePolicy;
  readonly program: AbsolutePath;
  readonly args: readonly string[];
};

/** Canonical and relative: the same step of the same workspace elsewhere has the same fingerprint. */
export function spawnFingerprint(
  { step, policy, program, args }: CachedStep,
  { root, platform }: KeyContext,
): SpawnFingerprint {
  return {
    cwd: toWorkspacePath(root, step.cwd) ?? step.cwd,
    program: toWorkspacePath(root, program) ?? nameOf(program),
    args: args.map((argument) => withoutRoot(argument, root)),
    env: policy.trackedEnv.map(([name, value]) => [name, digestOf(value)]),
    untrackedEnv: policy.untrackedEnv,
    input: canonical(policy.input),
    output: canonical(policy.output),
    platform,
  };
}

/** JSON of arrays in a fixed order: no two fingerprints give the same text. */
export function cacheKey(fingerprint: SpawnFingerprint): CacheKey {
  const { cwd, program, args, env, untrackedEnv, input, output, platform } = fingerprint;
  return digestOf(JSON.stringify([cwd, program, args, env, untrackedEnv, input, output, platform]));
}

/** Of items that are one to the cache, from their own keys in order. A single item keeps its own. */
export function unitKey(keys: readonly CacheKey[]): CacheKey {
  const [only, ...others] = keys;
  return only !== undefined && others.length === 0 ? only : digestOf(JSON.stringify(keys));
}

/** Identifies a step across runs whatever became of its command. */
export function stepKeyDigest(key: StepKey): Digest {
  return digestOf(JSON.stringify([key.packagePath, key.task, key.index, key.extraArgs]));
}

/** What distinguishes a step from how it was when it last used the cache, the weightiest first. */
export function explainChange(last: SpawnFingerprint, now: SpawnFingerprint): MissReason {
  const names = changedNames(last.env, now.env);
  if (names.length > 0) return { kind: "env-changed", names };
  if (!isSame(last.untrackedEnv, now.untrackedEnv)) return { kind: "untracked-env-changed" };
  if (last.program !== now.program) return { kind: "program-changed" };
  if (!isSame(last.args, now.args)) return { kind: "args-changed" };
  if (last.cwd !== now.cwd) return { kind: "cwd-changed" };
  if (!isSame(last.input, now.input)) return { kind: "input-config-changed" };
  if (!isSame(last.output, now.output)) return { kind: "output-config-changed" };
  return last.platform === now.platform ? { kind: "not-found" } : { kind: "platform-changed" };
}

/** An argument that names a file below the root must not tie the result to this checkout. */
function withoutRoot(argument: string, root: AbsolutePath): string {
  return root === "/" ? argument : argument.replaceAll(`${root}/`, "<root>/");
}

function canonical({ isAuto, positive, negative }: GlobConfig): GlobConfig {
  return {
    isAuto,
    positive: [...positive].sort(comparePaths),
    negative: [...negative].sort(comparePaths),
  };
}

function changedNames(last: SpawnFingerprint["env"], now: SpawnFingerprint["env"]): string[] {
  const before = new Map(last);
  const after = new Map(now);
  const names = new Set([...before.keys(), ...after.keys()]);
  return [...names].filter((name) => before.get(name) !== after.get(name)).sort(comparePaths);
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
