import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { compareOutputs } from "../../src/archive/compare.ts";
import { type CreateOutcome, createArchive } from "../../src/archive/create.ts";

import { type RestoreRequest, restoreOutputs } from "../../src/archive/restore.ts";
import {
  type AbsolutePath,
  absolutePath,
  directoryOf,
  diskPath,
  inWorkspace,
  resolvePath,
  type WorkspacePath,
  workspacePath,
} from "../../src/base/path.ts";
import { decodePath } from "../../src/base/path-bytes.ts";

import { statBatch } from "../../src/native/stat.ts";

/** What stands at each path: `file 644 content`, `directory 755`, `link -> target`. Long contents by their hash. */
export type Picture = Record<string, string>;

/** A workspace, a cache and a neighbour that nothing may reach, all gone when it is disposed. */
export class Sandbox implements Disposable {
  readonly base = absolutePath(mkdtempSync(`${realpathSync(tmpdir())}/archive-`));
  readonly root = resolvePath(this.base, "root");
  readonly cache = resolvePath(this.base, "cache");
  readonly outside = resolvePath(this.base, "root-evil");

  constructor() {
    for (const path of [this.root, this.cache, this.outside]) mkdirSync(path);
    writeFileSync(`${this.outside}/canary`, "untouched");
  }

  [Symbol.dispose](): void {
    removeAll(this.base);
  }

  at(path: string): AbsolutePath {
    return inWorkspace(this.root, workspacePath(path));
  }

  file(path: string, content: string | Uint8Array = path, mode = 0o644): void {
    this.#makeParent(path);
    writeFileSync(diskPath(this.at(path)), content);
    chmodSync(diskPath(this.at(path)), mode);
  }

  directory(path: string, mode = 0o755): void {
    mkdirSync(diskPath(this.at(path)), { recursive: true });
    chmodSync(diskPath(this.at(path)), mode);
  }

  link(path: string, target: string | Buffer): void {
    this.#makeParent(path);
    symlinkSync(target, diskPath(this.at(path)));
  }

  remove(path: string): void {
    removeAll(this.at(path));
  }

  /** Everything below the root. */
  paths(): WorkspacePath[] {
    return listing(this.root).map(workspacePath);
  }

  picture(): Picture {
    return pictureOf(this.root);
  }

  /** What is neither in the workspace nor an archive: it stays as it is, whatever happens. */
  surroundings(): Picture {
    return { ...pictureOf(this.outside), ...pictureOf(this.cache) };
  }

  create(
    paths: readonly string[] = this.paths(),
    directory: AbsolutePath = this.cache,
  ): Promise<CreateOutcome> {
    const { root } = this;
    return createArchive({ root, directory, seen: statBatch, paths: paths.map(workspacePath) });
  }

  async store(paths: readonly string[] = this.paths()): Promise<Stored> {
    const outcome = await this.create(paths);
    if (outcome.kind !== "created") throw new Error(JSON.stringify(outcome));
    return outcome;
  }

  /** Compares and puts back what differs, as a hit does. */
  async restore(stored: Pick<Stored, "manifest" | "archive">, other: Partial<RestoreRequest> = {}) {
    const { root, cache } = this;
    const { manifest, archive } = stored;
    const comparison = await compareOutputs({ root, manifest });
    return await restoreOutputs({
      root,
      manifest,
      archive,
      needed: [...comparison.missing, ...comparison.edited],
      archiveDirectory: cache,
      stagingDirectory: cache,
      protectedPaths: new Set(),
      ...other,
    });
  }

  #makeParent(path: string): void {
    mkdirSync(diskPath(directoryOf(this.at(path))), { recursive: true });
  }
}

export type Stored = Extract<CreateOutcome, { kind: "created" }>;

/** Bytes that no compressor makes smaller. */
export function noise(size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  for (let start = 0; start < size; start += 65_536) {
    crypto.getRandomValues(bytes.subarray(start, start + 65_536));
  }
  return bytes;
}

function pictureOf(directory: AbsolutePath): Picture {
  const root = absolutePath(directory);
  return Object.fromEntries(
    listing(root).map((path) => [path, describe(inWorkspace(root, workspacePath(path)))]),
  );
}

/** Also what is in directories that are closed to their owner. */
function removeAll(path: AbsolutePath): void {
  for (const name of isDirectory(path) ? listing(path) : []) {
    const inside = resolvePath(path, name);
    if (isDirectory(inside)) chmodSync(diskPath(inside), 0o700);
  }
  rmSync(diskPath(path), { recursive: true });
}

function listing(root: AbsolutePath, below = ""): string[] {
  const directory = inWorkspace(root, workspacePath(below));
  const names = readdirSync(diskPath(directory), { encoding: "buffer" }).map(decodePath);
  return names.sort().flatMap((name) => {
    const path = below === "" ? name : `${below}/${name}`;
    return isDirectory(resolvePath(root, path)) ? [path, ...listing(root, path)] : [path];
  });
}

function isDirectory(path: AbsolutePath): boolean {
  return lstatSync(diskPath(path)).isDirectory();
}

function describe(path: AbsolutePath): string {
  const stats = lstatSync(diskPath(path));
  const mode = (stats.mode & 0o7777).toString(8);
  if (stats.isDirectory()) return `directory ${mode}`;
  if (stats.isSymbolicLink()) {
    return `link -> ${readlinkSync(diskPath(path), { encoding: "buffer" }).toString("latin1")}`;
  }
  if (!stats.isFile()) return `other ${mode}`;
  const content = readFileSync(diskPath(path));
  return `file ${mode} ${content.length > 100 ? Bun.hash(content) : content.toString("latin1")}`;
}
