import { UserError } from "../base/error.ts";
import type { Graph } from "../base/graph.ts";
import {
  type AbsolutePath,
  inWorkspace,
  parentOf,
  printable,
  resolvePath,
  toWorkspacePath,
  type WorkspacePath,
  workspacePath,
} from "../base/path.ts";
import { readAhead } from "../native/read-ahead.ts";
import { readDependency } from "./dependency.ts";
import {
  type DependencyField,
  dependencyFields,
  emptyManifest,
  type Manifest,
  manifestPath,
  readManifest,
} from "./manifest.ts";
import { findMembers } from "./members.ts";
import type { Workspace } from "./root.ts";

export type Package = {
  readonly path: WorkspacePath;
  readonly directory: AbsolutePath;
  /** "" when it has none. Names may be doubled, as long as nobody depends on one of them. */
  readonly name: string;
  readonly manifest: Manifest;
};

/** That a package depends on another one of the workspace. */
type PackageEdge = {
  readonly target: WorkspacePath;
  /** Every field that says so, in the order of `dependencyFields`. */
  readonly fields: readonly DependencyField[];
};

export type PackageGraph = {
  /** Sorted by path, so the root comes first; it is a package even without a manifest. */
  readonly packages: ReadonlyMap<WorkspacePath, Package>;
  readonly byName: ReadonlyMap<string, readonly Package[]>;
  /** Of every package, in the order of its manifest; none to itself. */
  readonly edges: ReadonlyMap<WorkspacePath, readonly PackageEdge[]>;
};

/**
 * Reads every package of the workspace. Throws a UserError for a malformed manifest and for a
 * dependency on a name that two packages have.
 */
export function loadPackages(workspace: Workspace): PackageGraph {
  const packages = new Map(readPackages(workspace).map((entry) => [entry.path, entry]));
  const byName = new Map<string, Package[]>();
  for (const entry of packages.values()) {
    const others = byName.get(entry.name);
    if (others === undefined) byName.set(entry.name, [entry]);
    else others.push(entry);
  }
  const edges = new Map<WorkspacePath, readonly PackageEdge[]>();
  const graph = { packages, byName, edges };
  for (const entry of packages.values()) edges.set(entry.path, findEdges(workspace, graph, entry));
  return graph;
}

/** The package that `directory`, a directory of the workspace, belongs to. */
export function packageAround(graph: PackageGraph, directory: WorkspacePath): Package {
  const found = graph.packages.get(directory);
  return found ?? packageAround(graph, parentOf(directory));
}

/** Which package depends directly on which. */
export function dependencyGraph({ edges }: PackageGraph): Graph<WorkspacePath> {
  return new Map([...edges].map(([path, list]) => [path, list.map(({ target }) => target)]));
}

/** For messages: the name, or where there is none the path. */
export function displayPackage({ name, path }: Pick<Package, "name" | "path">): string {
  return printable(name === "" ? `./${path}` : name);
}

/** The packages of a workspace by path, the root first. Throws a UserError for a malformed manifest. */
export function readPackages({ root, members }: Workspace): readonly Package[] {
  const found: Package[] = [];
  const paths = [workspacePath(""), ...findMembers(root, members)];
  const files = readAhead(paths.map((path) => manifestPath(inWorkspace(root, path))));
  for (const path of paths) {
    const directory = inWorkspace(root, path);
    const manifest =
      readManifest(directory, files)?.manifest ?? (path === "" ? emptyManifest : undefined);
    if (manifest !== undefined) found.push({ path, directory, name: manifest.name, manifest });
  }
  return found;
}

function findEdges(workspace: Workspace, graph: PackageGraph, from: Package): PackageEdge[] {
  const fieldsOf = new Map<WorkspacePath, Set<DependencyField>>();
  for (const field of dependencyFields) {
    for (const [name, range] of from.manifest.dependencies[field]) {
      const target = findTarget(workspace, graph, from, [name, range]);
      if (target === undefined || target === from) continue;
      const fields = fieldsOf.get(target.path);
      if (fields === undefined) fieldsOf.set(target.path, new Set([field]));
      else fields.add(field);
    }
  }
  return [...fieldsOf].map(([target, fields]) => ({ target, fields: [...fields] }));
}

function findTarget(
  { root, linking }: Workspace,
  { packages, byName }: PackageGraph,
  from: Package,
  [name, range]: readonly [name: string, range: string],
): Package | undefined {
  const wanted = readDependency(name, range, linking);
  if (wanted === undefined) return undefined;
  if (wanted.kind === "path") {
    const path = toWorkspacePath(root, resolvePath(from.directory, wanted.path));
    return path === undefined ? undefined : packages.get(path);
  }
  const named = byName.get(wanted.name) ?? [];
  const [target, double] = named.filter(({ manifest }) => wanted.canBe(manifest.version));
  if (target === undefined || double === undefined) return target;
  const [first, second] = [target, double].map(({ path }) => `\`${path === "" ? "." : path}\``);
  throw new UserError(
    `Duplicate package name \`${wanted.name}\` found at ${first} and ${second}; ${displayPackage(from)} depends on it`,
    { code: "duplicate-package", hint: "give one of them another name" },
  );
}
