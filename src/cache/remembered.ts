import { ByteReader, ByteWriter, DamagedBytes } from "../base/bytes.ts";
import { type Digest, digestOf } from "../base/digest.ts";
import type { Environment } from "../base/host.ts";
import { version } from "../base/version.ts";
import type { PackedExpectations } from "../native/expectation.ts";
import { type CapturedChunk, streams } from "./captured-text.ts";
import { cacheLayout, runsName } from "./layout.ts";
import { finishToSeal, seal, unseal } from "./seal.ts";

/*
 * A run in which everything was in place, kept with all that it rested on: while that is as it was, the
 * same command comes to the same end, and need not be worked out. Who reads this does little else, so
 * little is imported here.
 */

/** What a run was asked for, and all about the process that can make a difference. */
export type RunIdentity = {
  readonly args: readonly string[];
  readonly cwd: string;
  /** The vt that runs it. */
  readonly executable: string;
  readonly environment: Environment;
  /** Who runs it, in numbers: rights depend on that. */
  readonly user: readonly number[];
  /** Whether its text may have colours, on stdout and on stderr. */
  readonly hasColours: readonly [boolean, boolean];
};

export type RememberedRun = {
  readonly root: string;
  /** The files of the workspace, of all its steps, of their programs, of the cache, and vt itself. */
  readonly expectations: PackedExpectations;
  /** From then on it has to be noted again that the entries are in use. */
  readonly validUntilMs: number;
  readonly text: readonly CapturedChunk[];
  /** What is kept for `--last-details`; how many milliseconds it took comes in between. */
  readonly summaryAround: readonly [string, string];
};

/** Larger ones are not kept. */
export const rememberedBytesMax = 32 * 1024 * 1024;

/** Another run has another one. A digest, since the environment holds secrets. */
export function runKey(identity: RunIdentity): Digest {
  const { args, cwd, executable, environment, user, hasColours } = identity;
  return digestOf(JSON.stringify([version, executable, args, cwd, user, hasColours, environment]));
}

/** The cache directories that may belong to the workspace around `cwd`, the likeliest first. */
export function likelyCaches(cwd: string, { VT_CACHE_DIR }: Environment): readonly string[] {
  if (VT_CACHE_DIR?.startsWith("/")) return [`${VT_CACHE_DIR}/${cacheLayout}`];
  const home = VT_CACHE_DIR || "node_modules/.vt";
  const parts = cwd.split("/").slice(1);
  const around = parts.map((_, index) => `/${parts.slice(0, parts.length - index).join("/")}`);
  return around.map((directory) => `${directory}/${home}/${cacheLayout}`);
}

/** Where a run is remembered in a cache directory. */
export function rememberedPath(cacheDirectory: string, key: Digest): string {
  return `${cacheDirectory}/${runsName}/${key}`;
}

/** `docs/formats.md` has the layout. */
export function encodeRemembered(key: Digest, run: RememberedRun): Buffer {
  const { count, exactCount, paths, stamps } = run.expectations;
  const out = new ByteWriter().text(run.root);
  out.number(count).number(exactCount).bytes(paths).bytes(stamps).number(run.validUntilMs);
  out.list(run.text, ({ stream, bytes }) => out.number(streams.indexOf(stream)).bytes(bytes));
  for (const part of run.summaryAround) out.text(part);
  return seal(key, finishToSeal(out));
}

/** Undefined when it is damaged: then it is not used, and another will be put in its place. */
export function decodeRemembered(key: Digest, sealed: Uint8Array): RememberedRun | undefined {
  try {
    const input = new ByteReader(unseal(key, sealed));
    return {
      root: input.text(),
      expectations: {
        count: input.number(),
        exactCount: input.number(),
        paths: input.bytes(),
        stamps: input.bytes(),
      },
      validUntilMs: input.number(),
      text: input.list(() => ({ stream: input.choice(streams), bytes: input.bytes() })),
      summaryAround: [input.text(), input.text()],
    };
  } catch (error) {
    if (error instanceof DamagedBytes) return undefined;
    throw error;
  }
}
