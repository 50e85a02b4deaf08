import { UserError } from "../base/error.ts";
import { compileGlobs, rebaseGlob } from "../base/glob.ts";
import { type Graph, reachable } from "../base/graph.ts";
import { suggest } from "../base/nearest.ts";
import { comparePaths, printable, type WorkspacePath } from "../base/path.ts";
import type { PackageFilter } from "./filter-syntax.ts";
import { ambiguousName, packagesWithoutScope } from "./find-package.ts";
import { dependencyGraph, type Package, type PackageGraph } from "./package-graph.ts";

export type FilterContext = {
  readonly graph: PackageGraph;
  /** The directory that paths in filters are relative to. */
  readonly directory: WorkspacePath;
  /** Packages with changes since a commit. Throws a UserError where that cannot be told. */
  readonly changedSince: (commit: string) => ReadonlySet<WorkspacePath>;
};

export type Selection = {
  /** Sorted. */
  readonly packages: readonly WorkspacePath[];
  /** What has to be said of filters that select nothing; each with the nearest names, where there are any. */
  readonly unmatched: readonly { readonly text: string; readonly hint: string | undefined }[];
};

/**
 * The packages that any inclusion selects, without those that an exclusion does; where there are
 * only exclusions, all others. Throws a UserError for a path that leads out of the workspace, and for
 * a short name that several packages have.
 */
export function selectPackages(
  filters: readonly PackageFilter[],
  context: FilterContext,
): Selection {
  const inclusions = filters.filter(({ isExclusion }) => !isExclusion);
  const exclusions = filters.filter(({ isExclusion }) => isExclusion);
  const included = inclusions.map((filter) => ({ filter, found: applyFilter(filter, context) }));
  const selected = new Set(
    inclusions.length === 0
      ? context.graph.packages.keys()
      : included.flatMap(({ found }) => [...found]),
  );
  for (const filter of exclusions) {
    for (const path of applyFilter(filter, context)) selected.delete(path);
  }
  return {
    packages: [...selected].sort(comparePaths),
    unmatched: included
      .filter(({ found }) => found.size === 0)
      .map(({ filter }) => ({ text: filter.text, hint: findHint(filter, context) })),
  };
}

/** What may have been meant: a directory that was written like a name, or a name that is near. */
function findHint(
  { text, name, hasDependencies, hasDependents }: PackageFilter,
  { graph, directory }: FilterContext,
): string | undefined {
  if (name === undefined) return undefined;
  const rebased = rebaseGlob(name, directory);
  const isPath =
    rebased.kind === "pattern" &&
    [...graph.packages.keys()].some(
      compileGlobs({ positive: [rebased.pattern], negative: [] }).matches,
    );
  if (!isPath) return suggest(name, graph.byName.keys());
  const path = hasDependencies || hasDependents ? `{${name}}` : `./${name}`;
  return `a directory is written \`${printable(text.replace(name, () => path))}\``;
}

/** Everything that depends on one of `starts`, and the starts. */
export function withDependents(
  { edges }: PackageGraph,
  starts: Iterable<WorkspacePath>,
): ReadonlySet<WorkspacePath> {
  return reachable(dependentsGraph(edges), starts);
}

function applyFilter(filter: PackageFilter, context: FilterContext): ReadonlySet<WorkspacePath> {
  const { graph } = context;
  const matched = matchPackages(filter, context).map(({ path }) => path);
  if (!filter.hasDependencies && !filter.hasDependents) return new Set(matched);
  const dependencies = dependencyGraph(graph);
  const follow = (along: Graph<WorkspacePath>): ReadonlySet<WorkspacePath> =>
    filter.isWithoutSelf ? reachable(along, nextOf(along, matched)) : reachable(along, matched);
  const found = new Set(filter.hasDependencies ? follow(dependencies) : []);
  if (!filter.hasDependents) return found;
  const dependents = follow(dependentsGraph(graph.edges));
  for (const path of dependents) found.add(path);
  if (!filter.hasDependencies) return found;
  for (const path of reachable(dependencies, nextOf(dependencies, dependents))) found.add(path);
  return found;
}

function nextOf(graph: Graph<WorkspacePath>, paths: Iterable<WorkspacePath>): WorkspacePath[] {
  return [...paths].flatMap((path) => graph.get(path) ?? []);
}

function dependentsGraph(edges: PackageGraph["edges"]): Graph<WorkspacePath> {
  const dependents = new Map<WorkspacePath, WorkspacePath[]>();
  for (const path of edges.keys()) dependents.set(path, []);
  for (const [path, list] of edges) {
    for (const { target } of list) dependents.get(target)?.push(path);
  }
  return dependents;
}

function matchPackages(filter: PackageFilter, context: FilterContext): readonly Package[] {
  let matched = [...context.graph.packages.values()];
  if (filter.since !== undefined) {
    const changed = context.changedSince(filter.since);
    matched = matched.filter(({ path }) => changed.has(path));
  }
  if (filter.directory !== undefined) {
    const isMatch = compileDirectory(filter.text, filter.directory, context.directory);
    matched = matched.filter(({ path }) => isMatch(path));
  }
  return filter.name === undefined ? matched : matchName(filter.name, matched);
}

/** A plain path means that very directory; what lies below it takes a wildcard. */
function compileDirectory(
  text: string,
  directory: string,
  base: WorkspacePath,
): (path: WorkspacePath) => boolean {
  const relative = directory.replace(/^\/+|\/+$/g, "");
  const rebased = rebaseGlob(relative === "" ? "." : relative, base);
  if (rebased.kind === "invalid") {
    throw new UserError(`Invalid filter \`${printable(text)}\`: the path ${rebased.problem}`, {
      code: "usage",
    });
  }
  // Elsewhere a `.` at the end stands for all that lies below.
  const isWhole = /(?:^|\/)\.{0,2}$/.test(relative);
  const pattern = isWhole ? rebased.pattern.replace(/\/?\*\*$/, "") : rebased.pattern;
  if (pattern === "") return (path) => path === "";
  return compileGlobs({ positive: [pattern], negative: [] }).matches;
}

/** As pnpm does: a name that no package has may also be the one of a single package after its scope. */
function matchName(name: string, among: readonly Package[]): readonly Package[] {
  const named = among.filter((entry) => entry.name !== "");
  const isMatch = compileName(name);
  const exact = named.filter((entry) => isMatch(entry.name));
  if (exact.length > 0 || name.startsWith("@") || name.includes("/")) return exact;
  const short = packagesWithoutScope(named, isMatch);
  if (short.length > 1 && !/[*?]/.test(name)) throw ambiguousName(name, short);
  return short.length === 1 ? short : [];
}

/** `*` stands for any text here, also across the `/` of a scope. */
function compileName(pattern: string): (name: string) => boolean {
  if (!/[*?]/.test(pattern)) return (name) => name === pattern;
  const source = pattern.replace(/[*?]|[^*?]+/g, (part) =>
    part === "*" ? ".*" : part === "?" ? "." : RegExp.escape(part),
  );
  const expression = new RegExp(`^${source}$`, "s");
  return (name) => expression.test(name);
}
