import { contentHash } from "../base/digest.ts";
import { errnoOf, readIfPresent } from "../base/file.ts";
import { type AbsolutePath, absolutePath, resolvePath } from "../base/path.ts";
import { isExecutable, stampKind } from "../native/stamp.ts";
import type { PathState } from "./condition.ts";
import {
  findGit,
  headCommit,
  indexHash,
  refsState,
  splitGitPath,
  submoduleOf,
} from "./git-state.ts";
import type { Tree } from "./tree.ts";

/** State of a path as it is in `tree`; undefined when it is there but cannot be read. */
export function readState(tree: Tree, path: AbsolutePath): PathState | undefined {
  const stamp = tree.stamp(path);
  switch (stampKind(stamp)) {
    case "missing":
      return { kind: "missing" };
    case "directory":
      return { kind: "directory" };
    case "other":
      return { kind: "other" };
    case "link": {
      const target = tree.linkTarget(path);
      return target === undefined ? undefined : { kind: "link", target };
    }
    case "file": {
      const hash = tree.hash(path);
      return hash === undefined
        ? undefined
        : { kind: "file", hash, isExecutable: isExecutable(stamp) };
    }
  }
}

/**
 * What a path in the `.git` of a work tree stands for, wherever that repository keeps it: `HEAD`, the
 * `index`, a ref or a directory of refs, `reftable/tables.list`, or one of these of a submodule that
 * keeps its books there (`.git/modules/<name>/HEAD`). Undefined for an index whose format we do not
 * know, and for what cannot be read.
 */
export function readGitState(path: AbsolutePath): PathState | undefined {
  try {
    return gitState(path);
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return undefined; // It is there, and not ours to read.
  }
}

function gitState(path: AbsolutePath): PathState | undefined {
  const [workTree, inside] = [
    path.slice(0, path.lastIndexOf("/.git/")),
    path.split("/.git/").at(-1),
  ];
  const place = findGit(absolutePath(workTree === "" ? "/" : workTree));
  const book = splitGitPath(inside ?? "");
  if (place === undefined || book === undefined) return { kind: "git", value: "" };
  const git = book.submodule === undefined ? place : submoduleOf(place, book.submodule);
  if (book.name === "HEAD") return { kind: "git", value: headCommit(git) };
  if (/^refs(\/|$)/.test(book.name))
    return { kind: "git", value: refsState(git.common, book.name) };
  const content = readIfPresent(resolvePath(git.directory, book.name));
  if (content === undefined) return { kind: "git", value: "" };
  const hash = book.name === "index" ? indexHash(content) : contentHash(content);
  return hash === undefined ? undefined : { kind: "git", value: hash.toString(16) };
}

/** Whether two states are the same. Listings are compared by what they hold, not by order. */
export function isSameState(a: PathState, b: PathState): boolean {
  if (a.kind === "file" && b.kind === "file")
    return a.hash === b.hash && a.isExecutable === b.isExecutable;
  if (a.kind === "link" && b.kind === "link") return a.target === b.target;
  if (a.kind === "git" && b.kind === "git") return a.value === b.value;
  if (a.kind === "beyond" && b.kind === "beyond") return a.hash === b.hash;
  if (a.kind === "listing" && b.kind === "listing") {
    if (a.entries.size !== b.entries.size) return false;
    return [...a.entries].every(([name, kind]) => b.entries.get(name) === kind);
  }
  return a.kind === b.kind;
}
