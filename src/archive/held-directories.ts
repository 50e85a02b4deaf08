import { closeSync, constants, existsSync, openSync } from "node:fs";
import { once } from "../base/once.ts";
import {
  type AbsolutePath,
  absolutePath,
  diskPath,
  inWorkspace,
  nameOf,
  parentOf,
  resolvePath,
  type WorkspacePath,
} from "../base/path.ts";

/** Linux's, which Node does not name: to hold a directory, without the right to read it. */
const holdOnly = 0o10000000;

/** Where the system shows this process the files it has open, as paths. */
const openFiles = absolutePath("/proc/self/fd");

const canHold = once(() => existsSync(openFiles));

/** So many are held at once, each taking a file descriptor. */
const heldMax = 256;

/**
 * Directories of a workspace, held open one below the other, each entered without following a link. A
 * path through one of them leads to the same directory whatever others put in its place meanwhile.
 * Where the system has no such paths, they are the plain ones.
 */
export class HeldDirectories implements Disposable {
  readonly #root: AbsolutePath;
  readonly #held = new Map<WorkspacePath, number>();
  readonly #canHold = canHold();

  constructor(root: AbsolutePath) {
    this.#root = root;
  }

  /**
   * A way to `path`, good until the next call. Throws system errors: ELOOP or ENOTDIR where a link
   * stands in the place of a directory above it.
   */
  at(path: WorkspacePath): AbsolutePath {
    if (!this.#canHold || path === "") return inWorkspace(this.#root, path);
    return resolvePath(this.directory(parentOf(path)), nameOf(path));
  }

  /** A way to the directory itself, which has to be one. Good until the next call. Throws system errors. */
  directory(path: WorkspacePath): AbsolutePath {
    if (!this.#canHold) return inWorkspace(this.#root, path);
    return resolvePath(openFiles, String(this.#hold(path)));
  }

  [Symbol.dispose](): void {
    for (const fd of this.#held.values()) closeSync(fd);
    this.#held.clear();
  }

  #hold(path: WorkspacePath): number {
    const known = this.#held.get(path);
    if (known !== undefined) return known;
    const place = this.at(path);
    const flags = holdOnly | constants.O_DIRECTORY | (path === "" ? 0 : constants.O_NOFOLLOW);
    const fd = openSync(diskPath(place), flags);
    if (this.#held.size >= heldMax) this[Symbol.dispose]();
    this.#held.set(path, fd);
    return fd;
  }
}
