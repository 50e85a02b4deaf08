import { type AbsolutePath, parentOf, toWorkspacePath, type WorkspacePath } from "../base/path.ts";
import type { RunContext } from "../observe/context.ts";
import { effectOf, isChange, isLook } from "../observe/effect.ts";
import { LinkResolver } from "../observe/resolve-links.ts";
import type { ItemRun } from "./spawn-traced.ts";

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

type Context = Pick<RunContext, "tree" | "linked">;

/** Which paths the tools of a unit took out of its inputs and outputs. */
type Ignored = {
  readonly isInput: (path: WorkspacePath) => boolean;
  readonly isOutput: (path: WorkspacePath) => boolean;
};

/**
 * What a tool ignores it ignores for its own item: a path counts for the unit when another item, which
 * did not ignore it, looked at it before the unit had changed it, or wrote there.
 */
export function ignoredByItems(items: readonly ItemRun[], context: Context): Ignored {
  const sides = items.map(({ declarations }) => ({
    input: findIgnored(declarations.ignoredInputs, context),
    output: findIgnored(declarations.ignoredOutputs, context),
  }));
  const hasIgnored = items.some(
    ({ declarations }) =>
      declarations.ignoredInputs.length + declarations.ignoredOutputs.length > 0,
  );
  if (!hasIgnored) return { isInput: () => false, isOutput: () => false };
  const uses = items.length > 1 ? usesOf(items, context) : [];
  const ignoredOn =
    (side: "input" | "output") =>
    (path: WorkspacePath): boolean =>
      sides.some((find) => find[side](path) !== undefined) &&
      uses.every((use, index) => !use[side].has(path) || sides[index]?.[side](path) !== undefined);
  return { isInput: ignoredOn("input"), isOutput: ignoredOn("output") };
}

type Uses = { readonly input: Set<WorkspacePath>; readonly output: Set<WorkspacePath> };

/** What each item looked at before any had changed it, and what it changed. */
function usesOf(items: readonly ItemRun[], context: Context): Uses[] {
  const resolver = new LinkResolver(context);
  const locate = (path: string, isFollowing: boolean): WorkspacePath | undefined =>
    toWorkspacePath(context.tree.root, resolver.resolve(path, { isFollowing }).path);
  const changed = new Set<WorkspacePath>();
  return items.map(({ sight }) => {
    const use: Uses = { input: new Set(), output: new Set() };
    for (const access of sight.kind === "traced" ? sight.trace.accesses : []) {
      const effect = effectOf(access);
      const at = locate(access.path, access.isFollowing);
      const target = access.target === undefined ? undefined : locate(access.target, false);
      if (at !== undefined && isLook(effect) && !changed.has(at)) use.input.add(at);
      if (!isChange(effect)) continue;
      for (const path of [at, target]) {
        if (path === undefined) continue;
        use.output.add(path);
        changed.add(path);
      }
    }
    return use;
  });
}
