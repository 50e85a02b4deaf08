import { realpathSync } from "node:fs";
import { ByteReader, ByteWriter } from "../base/bytes.ts";
import { contentHash, digestOf } from "../base/digest.ts";
import { type AbsolutePath, absolutePath, nameOf } from "../base/path.ts";
import { provenStamp } from "../fingerprint/clock.ts";
import type { HashMemo } from "../fingerprint/hash-memo.ts";
import { Tree } from "../fingerprint/tree.ts";
import { asStamp, isSameStamp, type Stamp, unprovenStamp } from "../native/stamp.ts";
import { createProgramFinder, type FindProgram } from "../plan/program.ts";
import type { Cache } from "./cache.ts";
import type { ProgramUse } from "./entry.ts";

/** Where a step looks for programs. */
export type ProgramSearch = {
  readonly cwd: AbsolutePath;
  /** Its PATH. */
  readonly path: string | undefined;
};

/** What all moments of a run have in common. */
export type ProgramMemory = {
  readonly cache: Cache;
  readonly hashes: HashMemo;
  /** What the cache has said of files, good while their stamps are these. */
  readonly told: Map<AbsolutePath, { readonly stamp: Stamp; readonly hash: bigint }>;
};

/**
 * The programs of this machine at one moment, each looked at once: steps share most of theirs. Make a
 * new one where one may have been installed in between.
 */
export class Programs {
  readonly find: FindProgram;
  readonly #memory: ProgramMemory;
  readonly #tree: Tree;
  readonly #hashes = new Map<AbsolutePath, bigint | undefined>();

  /** `find` has looked at the same moment, or looks when it is asked. */
  constructor(memory: ProgramMemory, find: FindProgram = createProgramFinder()) {
    this.#memory = memory;
    this.#tree = new Tree(memory.cache.root, memory.hashes);
    this.find = find;
  }

  /** Tells whether a program is as it was; undefined when there is no such file or it cannot be read. */
  hash(program: AbsolutePath): bigint | undefined {
    if (!this.#hashes.has(program))
      this.#hashes.set(program, hashProgram(this.#memory, this.#tree, program));
    return this.#hashes.get(program);
  }
}

/**
 * Hash of a program's file and, for one of an installed package, of that package's manifest: what the
 * package's command does is mostly in its other files, which a new version changes and the command's own
 * file may not show. Undefined when there is no such file or it cannot be read.
 */
function hashProgram(memory: ProgramMemory, tree: Tree, program: AbsolutePath): bigint | undefined {
  const path = realPath(program);
  const hash = path && rememberedHash(memory, tree, path);
  const manifest = path && manifestOfPackage(path);
  if (hash === undefined || manifest === undefined) return hash;
  const manifestHash = rememberedHash(memory, tree, manifest);
  return contentHash(Buffer.from(`${hash} ${manifestHash}`));
}

/** The `package.json` of the package below a `node_modules` that `path`, with no link in it, lies in. */
export function manifestOfPackage(path: AbsolutePath): AbsolutePath | undefined {
  const directory = /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(path)?.[0];
  return directory === undefined ? undefined : absolutePath(`${directory}/package.json`);
}

/** Hash of a file; programs are large and rarely change, so it is remembered by stamp. */
function rememberedHash(
  { cache, told }: ProgramMemory,
  tree: Tree,
  path: AbsolutePath,
): bigint | undefined {
  const stamp = tree.stamp(path);
  const before = told.get(path);
  if (before !== undefined && isSameStamp(before.stamp, stamp)) return before.hash;
  // The path is nobody else's business, and the record may travel with the cache.
  const id = digestOf(path);
  const known = cache.attempt((database) => database.record("program", id));
  if (known !== undefined) {
    const input = new ByteReader(known);
    if (isSameStamp(asStamp(input.bytes()), stamp)) {
      const hash = input.hash();
      told.set(path, { stamp, hash });
      return hash;
    }
  }
  // Proven before it is read: a later change shows in the stamp.
  const isProven = provenStamp(stamp, cache.now()) !== unprovenStamp;
  const hash = tree.hash(path);
  if (hash !== undefined && isProven && cache.canWrite)
    cache.attempt((database) =>
      database.setRecord("program", id, {
        usedMs: cache.now(),
        value: new ByteWriter().bytes(stamp).hash(hash).finish(),
      }),
    );
  return hash;
}

/** How programs that a run started are found again: by name where PATH leads to the same file. */
export function programUses(
  programs: Programs,
  started: readonly AbsolutePath[],
  search: ProgramSearch,
): ProgramUse[] | undefined {
  const uses = new Map<string, bigint>();
  for (const program of started) {
    const hash = programs.hash(program);
    if (hash === undefined) return undefined;
    uses.set(nameForSearch(programs, program, search), hash);
  }
  return [...uses]
    .map(([name, hash]) => ({ name, hash }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The names of the programs that are not what they were. */
export function changedPrograms(
  programs: Programs,
  used: readonly ProgramUse[],
  search: ProgramSearch,
): readonly string[] {
  const changed = used.filter(({ name, hash }) => {
    const found = programs.find({ name, ...search });
    return found === undefined || programs.hash(found) !== hash;
  });
  return changed.map(({ name }) => nameOf(name));
}

function nameForSearch(programs: Programs, program: AbsolutePath, search: ProgramSearch): string {
  const name = nameOf(program);
  const found = programs.find({ name, ...search });
  return found !== undefined && realPath(found) === realPath(program) ? name : program;
}

function realPath(path: AbsolutePath): AbsolutePath | undefined {
  try {
    return absolutePath(realpathSync(path));
  } catch (error) {
    if (error instanceof Error && "code" in error) return undefined;
    throw error;
  }
}
