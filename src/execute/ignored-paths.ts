import { type AbsolutePath, parentOf, toWorkspacePath, type WorkspacePath } from "../base/path.ts";
import type { RunContext } from "../observe/context.ts";
import { LinkResolver } from "../observe/resolve-links.ts";

/** The path that a tool told to ignore, if it is `path` or a directory above it. */
export type FindIgnored = (path: WorkspacePath) => WorkspacePath | undefined;

/**
 * Each of `paths` stands for everything below it. A tool may name a path through a link, while what a
 * run touched is known by its real name: both count. What lies outside the workspace has no effect.
 */
export function findIgnored(
  paths: readonly AbsolutePath[],
  context: Pick<RunContext, "tree" | "linked">,
): FindIgnored {
  const { root } = context.tree;
  const resolver = new LinkResolver(context);
  const told = new Map<WorkspacePath, WorkspacePath>();
  for (const path of paths) {
    const named = toWorkspacePath(root, path);
    const real = toWorkspacePath(root, resolver.resolve(path, { isFollowing: true }).path);
    const shown = named ?? real;
    if (shown === undefined) continue;
    if (named !== undefined) told.set(named, shown);
    if (real !== undefined) told.set(real, shown);
  }
  if (told.size === 0) return () => undefined;
  return (path) => {
    for (let at = path; ; at = parentOf(at)) {
      const found = told.get(at);
      if (found !== undefined || at === "") return found;
    }
  };
}
