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
      : [...packages.values()].filter((entry) => withoutScope(entry.name) === name);
  const [found, ...others] = candidates;
  if (found === undefined) {
    const what = name === "" ? "Package without a name" : `Package \`${printable(name)}\``;
    throw new UserError(`${what} not found in the workspace`, {
      code: "package-not-found",
      hint: suggest(name, byName.keys()),
    });
  }
  if (others.length === 0) return found;
  const list = candidates.map((entry) => {
    const path = entry.path === "" ? "." : entry.path;
    return printable(entry.name === name ? path : `${entry.name} (${path})`);
  });
  throw new UserError(`Package name \`${printable(name)}\` is ambiguous: ${list.join(", ")}`, {
    code: "package-ambiguous",
    hint: exact.length > 0 ? "run vt in the directory of the one you mean" : "write the whole name",
  });
}

function withoutScope(name: string): string | undefined {
  return /^@[^/]+\/(.+)$/s.exec(name)?.[1];
}
