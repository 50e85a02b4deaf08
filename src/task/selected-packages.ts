import { UserError } from "../base/error.ts";
import { reachable } from "../base/graph.ts";
import {
  type AbsolutePath,
  comparePaths,
  printable,
  toWorkspacePath,
  type WorkspacePath,
  workspacePath,
} from "../base/path.ts";
import { changedLockfile, changedPackages, type FindChanges } from "../workspace/changes.ts";
import { selectPackages, withDependents } from "../workspace/filter.ts";
import { findPackage } from "../workspace/find-package.ts";
import {
  dependencyGraph,
  type Package,
  type PackageGraph,
  packageAround,
} from "../workspace/package-graph.ts";
import type { Affected, PackageOptions } from "./package-options.ts";

export type PackageContext = {
  readonly root: AbsolutePath;
  readonly packages: PackageGraph;
  readonly findChanges: FindChanges;
};

export type SelectedPackages = {
  /** Sorted by path. */
  readonly packages: readonly WorkspacePath[];
  /** What the person should know of options that select nothing. */
  readonly notices: readonly string[];
};

/**
 * Works out the packages that options, given in the directory `cwd`, are about; `name` is that of a
 * package in front of a task. Throws a UserError when it names an unknown or ambiguous package, or
 * one beside an option that selects others.
 */
export function selectedPackages(
  options: PackageOptions,
  name: string | undefined,
  cwd: AbsolutePath,
  context: PackageContext,
): SelectedPackages {
  if (name !== undefined) refuseSelectors(options, name);
  const chosen = choose(options, name, cwd, context);
  const { affected } = options;
  const { packages, notices } =
    affected === undefined ? chosen : keepAffected(chosen, affected, context);
  return { packages: [...packages].sort(comparePaths), notices };
}

function refuseSelectors(options: PackageOptions, name: string): void {
  const option =
    (options.isRecursive && "--recursive") ||
    (options.filters.length > 0 && "--filter") ||
    (options.isWorkspaceRoot && "--workspace-root");
  if (!option) return;
  throw new UserError(`\`${option}\` and a package (\`${printable(name)}\`) exclude each other`, {
    code: "usage",
  });
}

function choose(
  options: PackageOptions,
  name: string | undefined,
  cwd: AbsolutePath,
  context: PackageContext,
): SelectedPackages {
  const { packages } = context;
  if (options.filters.length > 0) return chooseFiltered(options, cwd, context);
  const isAnywhere = options.affected !== undefined && name === undefined;
  if (options.isRecursive || (isAnywhere && !options.isTransitive && !options.isWorkspaceRoot))
    return { packages: [...packages.packages.keys()], notices: [] };
  const directory = options.isWorkspaceRoot ? context.root : cwd;
  const start =
    name === undefined ? packageHolding(directory, context) : findPackage(packages, name);
  return {
    packages: options.isTransitive
      ? [...reachable(dependencyGraph(packages), [start.path])]
      : [start.path],
    notices: [],
  };
}

function chooseFiltered(
  { filters, isWorkspaceRoot, isFailingWithoutMatch }: PackageOptions,
  cwd: AbsolutePath,
  { root, packages: graph, findChanges }: PackageContext,
): SelectedPackages {
  const directory = toWorkspacePath(root, cwd);
  if (directory === undefined) throw outside(root, cwd);
  const { packages, unmatched } = selectPackages(filters, {
    graph,
    directory,
    changedSince: (ref) => changedPackages(graph, findChanges({ kind: "commit", ref })),
  });
  const notices = unmatched.map(({ text, hint }) => ({
    text: `No packages matched the filter: ${printable(text)}`,
    hint,
  }));
  const [first] = notices;
  if (isFailingWithoutMatch && first !== undefined)
    throw new UserError(first.text, { code: "package-not-found", hint: first.hint });
  // `-w` is one more thing that is asked for, so with exclusions alone it is the only one.
  const isOnlyExclusions = filters.every(({ isExclusion }) => isExclusion);
  const rooted = isWorkspaceRoot
    ? [...(isOnlyExclusions ? [] : packages), workspacePath("")]
    : packages;
  return {
    packages: [...new Set(rooted)],
    notices: notices.map(({ text, hint }) => (hint === undefined ? text : `${text}; ${hint}`)),
  };
}

/** Of the packages, those with changes; and, if asked for, those that depend on one with changes. */
function keepAffected(
  { packages, notices }: SelectedPackages,
  { ref, hasDependents }: Affected,
  { packages: graph, findChanges }: PackageContext,
): SelectedPackages {
  const changes = findChanges({ kind: "branch", ref });
  const changed = changedPackages(graph, changes);
  const affected = hasDependents ? withDependents(graph, changed) : changed;
  const kept = packages.filter((path) => affected.has(path));
  const isNews = kept.length === 0 && packages.length > 0;
  const news = `No package is affected by what changed since ${printable(changes.ref)}`;
  const lockfile = changedLockfile(changes);
  const caution = `${lockfile} changed: which packages that affects is not known, and it counts for the root alone; \`-r\` in place of \`--affected\` runs all`;
  return {
    packages: kept,
    notices: [
      ...notices,
      ...(isNews ? [news] : []),
      ...(lockfile === undefined || kept.length === packages.length ? [] : [caution]),
    ],
  };
}

function packageHolding(directory: AbsolutePath, { root, packages }: PackageContext): Package {
  const path = toWorkspacePath(root, directory);
  if (path !== undefined) return packageAround(packages, path);
  throw outside(root, directory);
}

function outside(root: AbsolutePath, directory: AbsolutePath): UserError {
  return new UserError(`${printable(directory)} is outside the workspace ${printable(root)}`, {
    code: "package-not-found",
  });
}
