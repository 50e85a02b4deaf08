import {
  chmodSync,
  closeSync,
  fchmodSync,
  mkdirSync,
  openSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  write,
} from "node:fs";
import { promisify } from "node:util";
import { assert } from "../base/assert.ts";
import {
  type AbsolutePath,
  diskPath,
  resolvePath,
  type WorkspacePath,
  workspacePath,
} from "../base/path.ts";
import { encodePath } from "../base/path-bytes.ts";
import { makeFiles, type NewFile } from "../native/files.ts";
import { temporaryPath } from "./format.ts";
import { HeldDirectories } from "./held-directories.ts";
import type { FileEntry, ManifestEntry } from "./manifest.ts";
import { openBits, permissionMask } from "./rules.ts";
import { isSystemError } from "./system-error.ts";
import type { FileSink, WholeFile } from "./tar-reader.ts";
import type { StagedFile, StagedTree } from "./trees.ts";

/** What is to be put in place, with its row number in the manifest. */
export type NeededRow = { readonly row: number; readonly entry: ManifestEntry };

type Place = Pick<StagedFile, "directory" | "name">;

/**
 * A directory for one restore, which only its owner can look into, gone when it is disposed: not before
 * all is written. What stands in a tree has its place there; everything else is named by its row.
 */
export class Staging implements FileSink, Disposable {
  readonly #path: AbsolutePath;
  readonly #held: HeldDirectories;
  /** Of what is needed, by row. */
  readonly #places: (Place | undefined)[] = [];
  /** Large files that are being written, by row. */
  readonly #open = new Map<number, number>();
  #writing = Promise.resolve();

  /** Makes a new directory in `parent`, with the directories of the trees. Throws system errors. */
  constructor(parent: AbsolutePath, needed: readonly NeededRow[], trees: readonly StagedTree[]) {
    this.#path = temporaryPath(parent);
    mkdirSync(diskPath(this.#path), { mode: 0o700 });
    // A group that it has from its parent is not handed on.
    chmodSync(diskPath(this.#path), 0o700);
    this.#held = new HeldDirectories(this.#path);
    try {
      this.#prepare(needed, trees);
    } catch (error) {
      this[Symbol.dispose]();
      throw error;
    }
  }

  [Symbol.dispose](): void {
    for (const fd of this.#open.values()) closeSync(fd);
    this.#held[Symbol.dispose]();
    if (!didRemoveEmpty(this.#path)) rmSync(diskPath(this.#path), { recursive: true, force: true });
  }

  wants(row: number): boolean {
    return this.#places[row] !== undefined;
  }

  /** Where the output of row `row` is. Good until the next call. Throws system errors. */
  at(row: number): AbsolutePath {
    const { directory, name } = this.#placeOf(row);
    return resolvePath(this.#held.directory(directory), name);
  }

  /** Where a tree is. Good until the next call. Throws system errors. */
  treeAt({ name }: StagedTree): AbsolutePath {
    return this.#held.at(name);
  }

  takeFiles(files: readonly WholeFile[], bytes: Buffer): void {
    let directory: WorkspacePath | undefined;
    let group: NewFile[] = [];
    const flush = (): void => {
      if (directory !== undefined) makeFiles(this.#held.directory(directory), group, bytes);
    };
    for (const { row, entry, start } of files) {
      const place = this.#placeOf(row);
      if (place.directory !== directory) {
        flush();
        directory = place.directory;
        group = [];
      }
      group.push({ name: place.name, mode: entry.mode, start, size: entry.size });
    }
    flush();
  }

  takePiece(row: number, piece: Buffer): void {
    const fd = this.#open.get(row) ?? openSync(diskPath(this.at(row)), "wx", 0o600);
    this.#open.set(row, fd);
    this.#next(() => writeWhole(fd, piece));
  }

  finishFile(row: number, { mode }: FileEntry): void {
    const fd = this.#open.get(row);
    assert(fd !== undefined, "a large file has begun");
    this.#next(() => {
      fchmodSync(fd, mode); // What `open` is given is cut by the umask.
      this.#open.delete(row);
      closeSync(fd);
    });
  }

  written(): Promise<void> {
    return this.#writing;
  }

  /** Other threads write, one piece after another. */
  #next(work: () => Promise<void> | void): void {
    this.#writing = this.#writing.then(work);
    this.#writing.catch(() => undefined); // Whoever waits for it learns what went wrong.
  }

  #prepare(needed: readonly NeededRow[], trees: readonly StagedTree[]): void {
    for (const { directories } of trees) {
      for (const { staged, entry } of directories) {
        mkdirSync(diskPath(this.#held.at(staged)), { mode: permissionMask });
        if (entry !== undefined)
          chmodSync(diskPath(this.#held.directory(staged)), entry.mode | openBits);
      }
    }
    for (const { files } of trees) for (const file of files) this.#places[file.row] = file;
    for (const { row, entry } of needed) {
      if (entry.kind === "directory" || this.wants(row)) continue;
      const place = { directory: workspacePath(""), name: String(row) };
      this.#places[row] = place;
      if (entry.kind === "link") makeLink(this.at(row), entry.target);
    }
  }

  #placeOf(row: number): Place {
    const place = this.#places[row];
    assert(place !== undefined, "what is staged is needed");
    return place;
  }
}

/** Once all has been moved to its place, nothing is left to be looked for. */
function didRemoveEmpty(directory: AbsolutePath): boolean {
  try {
    rmdirSync(diskPath(directory));
    return true;
  } catch (error) {
    if (!isSystemError(error)) throw error;
    return false;
  }
}

async function writeWhole(fd: number, bytes: Buffer): Promise<void> {
  for (let at = 0; at < bytes.length; ) at += await writeSome(fd, bytes.subarray(at));
}

const writeSome = promisify(
  (fd: number, bytes: Buffer, done: (error: Error | null, count: number) => void) =>
    write(fd, bytes, done),
);

/** Makes a link with exactly this text. Throws system errors. */
export function makeLink(path: AbsolutePath, target: string): void {
  const text = target.isWellFormed() ? target : Buffer.from(encodePath(target));
  symlinkSync(text, diskPath(path));
}
