import type { WorkspacePath } from "../base/path.ts";
import { type PackageGraph, packageAround } from "./package-graph.ts";

/** From when on changes count. */
export type Since =
  /** What differs from that commit. */
  | { readonly kind: "commit"; readonly ref: string }
  /** What differs from the commit at which this branch left another one; undefined: the main one. */
  | { readonly kind: "branch"; readonly ref: string | undefined };

export type Changes = {
  /** Files and submodules of the workspace that were changed, added or removed, committed or not. */
  readonly files: readonly WorkspacePath[];
  /** The branch or commit they were compared with, for messages. */
  readonly ref: string;
};

/** Asks the repository. Throws a UserError with the code `changes-unknown` where it has no answer. */
export type FindChanges = (since: Since) => Changes;

const lockfiles = [
  ...["pnpm-lock.yaml", "package-lock.json", "npm-shrinkwrap.json"],
  ...["yarn.lock", "bun.lock", "bun.lockb"],
];

/** The lockfile of the workspace, if it is among the files. Whose dependencies changed in it is not looked at. */
export function changedLockfile({ files }: Changes): WorkspacePath | undefined {
  return files.find((file) => lockfiles.includes(file));
}

/**
 * The packages that hold one of the files: each belongs to the nearest package around it, so what
 * lies in none is the root's, and so is what is left of a package that was removed. Git names a
 * submodule by its directory, which may be a package itself.
 */
export function changedPackages(
  graph: PackageGraph,
  { files }: Changes,
): ReadonlySet<WorkspacePath> {
  return new Set(files.map((file) => packageAround(graph, file).path));
}
