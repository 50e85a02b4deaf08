import { closeSync, openSync, readSync } from "node:fs";
import type { ListedKind } from "../base/directory.ts";
import { errnoOf } from "../base/file.ts";
import {
  type AbsolutePath,
  diskPath,
  nameOf,
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

/** The last names of these: of most paths nothing else need be looked at. */
const toolCacheNames: ReadonlySet<string> = new Set(toolCaches.map(nameOf));

/** What marks the directory that it lies in. */
export const tagName = "CACHEDIR.TAG";

/** First line of a `CACHEDIR.TAG`, by the Cache Directory Tagging Specification. */
const tagSignature = "Signature: 8a477f597d28d172789f06886806bc55";

/**
 * What Cargo adds to its tag, by its sources. It tags the whole `target`, in which the programs lie that it was
 * asked for: that is a result and no tool's own.
 */
const cargoRemark = "created by cargo";

/** More than any tag needs whose remark is looked at. */
const tagBytesMax = 512;

/** Names that never count in a listing, lower case. `dist` is there for parity with the reference product. */
const unlistedNames = new Set(["dist", ".ds_store", ".git"]);

/** Why a path does not count: by its name, or for the tag of a directory above it. */
type Exclusion = { readonly tag: WorkspacePath | undefined };

type Answer = { readonly directory: WorkspacePath; readonly answer: Exclusion | undefined };

/** Tells which paths are neither input nor output: our own cache, tool caches, the inside of `.git`. */
export class Exclusions {
  readonly #tree: Tree;
  readonly #cacheDirectory: WorkspacePath | undefined;
  /** Of directories. */
  readonly #answers = new Map<WorkspacePath, Answer>();
  #last: Answer | undefined;
  /** Of tags, each read once. */
  readonly #marks = new Map<AbsolutePath, boolean>();

  /** `cacheDirectory` is undefined when vt keeps its cache outside the workspace. */
  constructor(tree: Tree, cacheDirectory: WorkspacePath | undefined) {
    this.#tree = tree;
    this.#cacheDirectory = cacheDirectory;
  }

  /** Whether `path` lies in (or is) something that never counts. `at` is the same path, if it is at hand. */
  covers(path: WorkspacePath, at?: AbsolutePath): boolean {
    return isInGit(path) || this.#exclusionOf(path, at) !== undefined;
  }

  /** The tag without which a covered path would count; undefined where it never does. */
  tagOver(path: WorkspacePath): WorkspacePath | undefined {
    return isInGit(path) ? undefined : this.#exclusionOf(path)?.tag;
  }

  /** Whether the directory that holds, or held, a tag can be told from one that counts: it has one, or is gone. */
  isStillCache(tag: WorkspacePath): boolean {
    const directory = parentOf(tag);
    return this.#tree.kind(this.#tree.at(directory)) === "missing" || this.#isTagged(directory);
  }

  /** Whether `name` does not count in the listing of `directory`. */
  hides(directory: WorkspacePath, name: string): boolean {
    if (unlistedNames.has(name.toLowerCase())) return true;
    const path = join(directory, name);
    return this.#isExcluded(path) || this.#holdsOnlyToolCaches(path);
  }

  /**
   * What the names that do not count in the listing of `directory` rest on, apart from the names themselves:
   * tags, and what is in a `node_modules`. The stamp of the directory says nothing of these.
   */
  witnesses(directory: WorkspacePath): readonly WorkspacePath[] {
    const listing = this.#tree.listing(this.#tree.at(directory)) ?? new Map<string, ListedKind>();
    return [...listing].flatMap(([name, kind]) => {
      if (kind !== "directory" || unlistedNames.has(name.toLowerCase())) return [];
      const path = join(directory, name);
      if (this.#isCacheByName(path)) return [];
      if (this.#holdsOnlyToolCaches(path)) return [path];
      return this.#isTagged(path) ? [tagOf(path)] : [];
    });
  }

  #isExcluded(path: WorkspacePath): boolean {
    return this.#exclusionOf(path) !== undefined;
  }

  #exclusionOf(path: WorkspacePath, at?: AbsolutePath): Exclusion | undefined {
    if (path === "") return undefined;
    if (this.#isCacheByName(path)) return { tag: undefined };
    const above = this.#exclusionAbove(path);
    if (above !== undefined) return above;
    return this.#isTagged(path, at) ? { tag: tagOf(path) } : undefined;
  }

  #exclusionAbove(path: WorkspacePath): Exclusion | undefined {
    const last = this.#last;
    // Paths that are asked for one after another mostly lie in one directory.
    if (last?.directory.length === path.lastIndexOf("/") && path.startsWith(last.directory))
      return last.answer;
    const directory = parentOf(path);
    const known = this.#answers.get(directory);
    const answer = known === undefined ? this.#exclusionOf(directory) : known.answer;
    this.#last = { directory, answer };
    if (known === undefined) this.#answers.set(directory, this.#last);
    return answer;
  }

  #isCacheByName(path: WorkspacePath): boolean {
    if (path === this.#cacheDirectory) return true;
    if (!toolCacheNames.has(nameOf(path))) return false;
    return toolCaches.some((cache) => path === cache || path.endsWith(`/${cache}`));
  }

  #isTagged(path: WorkspacePath, at = this.#tree.at(path)): boolean {
    if (this.#tree.kind(at) !== "directory") return false;
    const tag = this.#tree.at(tagOf(path));
    if (this.#tree.kind(tag) !== "file") return false;
    const known = this.#marks.get(tag) ?? doesMarkToolCache(tag);
    this.#marks.set(tag, known);
    return known;
  }

  /** A `node_modules` that is there because a tool has put its cache into it. */
  #holdsOnlyToolCaches(path: WorkspacePath): boolean {
    if (nameOf(path) !== "node_modules") return false;
    const at = this.#tree.at(path);
    if (this.#tree.kind(at) !== "directory") return false;
    const names = this.#tree.listing(at)?.keys();
    return names !== undefined && [...names].every((name) => this.#isExcluded(join(path, name)));
  }
}

function isInGit(path: WorkspacePath): boolean {
  return /(^|\/)\.git(\/|$)/.test(path);
}

function join(directory: WorkspacePath, name: string): WorkspacePath {
  return workspacePath(directory === "" ? name : `${directory}/${name}`);
}

function tagOf(directory: WorkspacePath): WorkspacePath {
  return workspacePath(`${directory}/${tagName}`);
}

function doesMarkToolCache(path: AbsolutePath): boolean {
  const head = Buffer.alloc(tagBytesMax);
  let descriptor: number | undefined;
  try {
    descriptor = openSync(diskPath(path), "r");
    const text = head.toString("latin1", 0, readSync(descriptor, head));
    return text.startsWith(tagSignature) && !text.includes(cargoRemark);
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return false; // A tag that nobody can read says nothing.
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
