import { closeSync, openSync, readSync } from "node:fs";
import { errnoOf } from "../base/file.ts";
import {
  type AbsolutePath,
  diskPath,
  parentOf,
  type WorkspacePath,
  workspacePath,
} from "../base/path.ts";
import type { Tree } from "./tree.ts";

/** Directories in which tools keep what they can make again, relative to the directory that holds them. */
const toolCaches = [
  "node_modules/.cache",
  "node_modules/.vite",
  "node_modules/.vite-temp",
  ".next/cache",
];

/** First line of a `CACHEDIR.TAG`, by the Cache Directory Tagging Specification. */
const tagSignature = "Signature: 8a477f597d28d172789f06886806bc55";

/** Names that never count in a listing, lower case. `dist` is there for parity with the reference product. */
const unlistedNames = new Set(["dist", ".ds_store", ".git"]);

/** Tells which paths are neither input nor output: our own cache, tool caches, the inside of `.git`. */
export class Exclusions {
  readonly #tree: Tree;
  readonly #cacheDirectory: WorkspacePath | undefined;
  readonly #answers = new Map<WorkspacePath, boolean>();

  /** `cacheDirectory` is undefined when vt keeps its cache outside the workspace. */
  constructor(tree: Tree, cacheDirectory: WorkspacePath | undefined) {
    this.#tree = tree;
    this.#cacheDirectory = cacheDirectory;
  }

  /** Whether `path` lies in (or is) something that never counts. */
  covers(path: WorkspacePath): boolean {
    if (/(^|\/)\.git(\/|$)/.test(path)) return true;
    return this.#isExcluded(path);
  }

  /** Whether `name` does not count in the listing of `directory`. */
  hides(directory: WorkspacePath, name: string): boolean {
    if (unlistedNames.has(name.toLowerCase())) return true;
    return this.#isExcluded(workspacePath(directory === "" ? name : `${directory}/${name}`));
  }

  #isExcluded(path: WorkspacePath): boolean {
    if (path === "") return false;
    const known = this.#answers.get(path);
    if (known !== undefined) return known;
    const answer = this.#isCache(path) || this.#isExcluded(parentOf(path));
    this.#answers.set(path, answer);
    return answer;
  }

  #isCache(path: WorkspacePath): boolean {
    if (path === this.#cacheDirectory) return true;
    if (toolCaches.some((cache) => path === cache || path.endsWith(`/${cache}`))) return true;
    if (this.#tree.kind(this.#tree.at(path)) !== "directory") return false;
    const tag = this.#tree.at(workspacePath(`${path}/CACHEDIR.TAG`));
    return this.#tree.kind(tag) === "file" && hasTagSignature(tag);
  }
}

function hasTagSignature(path: AbsolutePath): boolean {
  const head = Buffer.alloc(tagSignature.length);
  let descriptor: number | undefined;
  try {
    descriptor = openSync(diskPath(path), "r");
    const length = readSync(descriptor, head);
    return length === head.length && head.toString("latin1") === tagSignature;
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return false; // A tag that nobody can read says nothing.
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
