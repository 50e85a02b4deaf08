import { UserError } from "../base/error.ts";
import { suggest } from "../base/nearest.ts";
import { printable } from "../base/path.ts";
import type { Package, PackageGraph } from "./package-graph.ts";

/**
 * The package of that name; where there is none, the only one whose name is that after its scope.
 * "" finds the package without a name. Throws a UserError when none or several could be meant.
 */
export function findPackage({ byName, packages }: PackageGraph, name: string): Package {
  const exact = byName.get(name) ?? [];
  const candidates =
    exact.length > 0 || name === ""
      ? exact
      : packagesWithoutScope([...packages.values()], (rest) => rest === name);
  const [found, ...others] = candidates;
  if (found === undefined) {
    const what = name === "" ? "Package without a name" : `Package \`${printable(name)}\``;
    throw new UserError(`${what} not found in the workspace`, {
      code: "package-not-found",
      hint: suggest(name, byName.keys()),
    });
  }
  if (others.length === 0) return found;
  throw ambiguousName(name, candidates);
}

/** Those with a scope in their name, and a match after it. */
export function packagesWithoutScope(
  packages: readonly Package[],
  isMatch: (name: string) => boolean,
): readonly Package[] {
  return packages.filter((entry) => {
    const rest = /^@[^/]+\/(.+)$/s.exec(entry.name)?.[1];
    return rest !== undefined && isMatch(rest);
  });
}

/** The error for a name that could mean any of `candidates`. */
export function ambiguousName(name: string, candidates: readonly Package[]): UserError {
  const list = candidates.map((entry) => {
    const path = entry.path === "" ? "." : entry.path;
    return printable(entry.name === name ? path : `${entry.name} (${path})`);
  });
  const isExact = candidates.some((entry) => entry.name === name);
  return new UserError(`Package name \`${printable(name)}\` is ambiguous: ${list.join(", ")}`, {
    code: "package-ambiguous",
    hint: isExact ? "run vt in the directory of the one you mean" : "write the whole name",
  });
}
