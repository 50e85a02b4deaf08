import { absolutePath, toWorkspacePath, type WorkspacePath } from "../base/path.ts";
import { Exclusions } from "../fingerprint/exclusions.ts";
import { Tree } from "../fingerprint/tree.ts";
import type { Declarations } from "../ipc/declarations.ts";
import { effectOf, isChange, isLook } from "../observe/effect.ts";
import { findIgnored } from "./ignored-paths.ts";
import type { Session } from "./session.ts";
import type { ItemRun } from "./spawn-traced.ts";

/** What a step's tools declared, and what came of it; for people. */
export type ToolSummary = {
  readonly ignoredInputs: readonly IgnoredPath[];
  readonly ignoredOutputs: readonly IgnoredPath[];
  readonly isUncacheable: boolean;
  /** Variables that count since they were asked for, by name. */
  readonly env: readonly string[];
  /** Patterns, or prefixes followed by `…`, and how many variables each matched. */
  readonly envQueries: readonly { readonly text: string; readonly matches: number }[];
  /** Variables that were asked for and do not count. */
  readonly uncountedEnv: readonly string[];
};

type IgnoredPath = {
  readonly path: WorkspacePath;
  /** How many paths the run touched on that side and that therefore do not count. */
  readonly removed: number;
};

/** Undefined when the tools of a run said nothing. */
export function summarizeTools(run: ItemRun, session: Session): ToolSummary | undefined {
  const { ignoredInputs, ignoredOutputs, isUncacheable, asked, uncounted } = run.declarations;
  const summary: ToolSummary = {
    ...summarizePaths({ ignoredInputs, ignoredOutputs }, run, session),
    isUncacheable,
    env: asked.singles.map(({ name }) => name),
    envQueries: asked.queries.map(({ query, matches }) => ({
      text: query.kind === "glob" ? query.pattern : `${query.prefix}…`,
      matches: matches.length,
    })),
    uncountedEnv: uncounted,
  };
  const hasSaidSomething = Object.values(summary).some((value) =>
    typeof value === "boolean" ? value : value.length > 0,
  );
  return hasSaidSomething ? summary : undefined;
}

type Ignores = Pick<Declarations, "ignoredInputs" | "ignoredOutputs">;

function summarizePaths(
  { ignoredInputs, ignoredOutputs }: Ignores,
  run: ItemRun,
  { root, hashes, cache, linkedPlaces }: Session,
): Pick<ToolSummary, "ignoredInputs" | "ignoredOutputs"> {
  if (ignoredInputs.length + ignoredOutputs.length === 0)
    return { ignoredInputs: [], ignoredOutputs: [] };
  const tree = new Tree(root, hashes);
  const context = { tree, linked: linkedPlaces() };
  const exclusions = new Exclusions(tree, cache.place);
  const looked = new Set<WorkspacePath>();
  const written = new Set<WorkspacePath>();
  const accesses = run.sight.kind === "traced" ? run.sight.trace.accesses : [];
  for (const access of accesses) {
    const at = toWorkspacePath(root, absolutePath(access.target ?? access.path));
    if (at === undefined || exclusions.covers(at)) continue;
    const effect = effectOf(access);
    if (isLook(effect)) looked.add(at);
    if (isChange(effect)) written.add(at);
  }
  return {
    ignoredInputs: countRemoved(ignoredInputs, looked, context),
    ignoredOutputs: countRemoved(ignoredOutputs, written, context),
  };
}

function countRemoved(
  ignored: Declarations["ignoredInputs"],
  paths: ReadonlySet<WorkspacePath>,
  context: Parameters<typeof findIgnored>[1],
): IgnoredPath[] {
  const counts = new Map<WorkspacePath, number>();
  for (const path of ignored) {
    const at = toWorkspacePath(context.tree.root, path);
    if (at !== undefined) counts.set(at, 0);
  }
  const find = findIgnored(ignored, context);
  for (const path of paths) {
    const at = find(path);
    if (at !== undefined) counts.set(at, (counts.get(at) ?? 0) + 1);
  }
  return [...counts].map(([path, removed]) => ({ path, removed }));
}
