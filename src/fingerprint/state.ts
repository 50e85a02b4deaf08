import type { AbsolutePath } from "../base/path.ts";
import { isExecutable, stampKind } from "../native/stamp.ts";
import type { PathState } from "./condition.ts";
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

/** Whether two states are the same. Listings are compared by what they hold, not by order. */
export function isSameState(a: PathState, b: PathState): boolean {
  if (a.kind === "file" && b.kind === "file")
    return a.hash === b.hash && a.isExecutable === b.isExecutable;
  if (a.kind === "link" && b.kind === "link") return a.target === b.target;
  if (a.kind === "beyond" && b.kind === "beyond") return a.hash === b.hash;
  if (a.kind === "listing" && b.kind === "listing") {
    if (a.entries.size !== b.entries.size) return false;
    return [...a.entries].every(([name, kind]) => b.entries.get(name) === kind);
  }
  return a.kind === b.kind;
}
