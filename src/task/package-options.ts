import { UserError } from "../base/error.ts";
import type { OptionValues } from "../base/options.ts";
import { type PackageFilter, parseFilters } from "../workspace/filter-syntax.ts";

/** The options that say in which packages; they are the same for every command that has them. */
export const packageOptionTable = [
  {
    name: "recursive",
    short: "r",
    value: { kind: "none" },
    about: "In every package, dependencies first",
  },
  {
    name: "transitive",
    short: "t",
    value: { kind: "none" },
    about: "In this package and all that it depends on",
  },
  {
    name: "workspace-root",
    short: "w",
    value: { kind: "none" },
    about: "In the workspace root; beside --filter, there too",
  },
  {
    name: "filter",
    short: "F",
    value: { kind: "texts", name: "pattern" },
    about: "In the packages that it names, as with pnpm; may be repeated",
  },
  {
    name: "affected",
    value: { kind: "optional-text", name: "ref" },
    about:
      "Only in packages changed since this branch left <ref>; `...<ref>`: and their dependents",
  },
  {
    name: "fail-if-no-match",
    value: { kind: "none" },
    about: "Fail when a --filter selects nothing",
  },
] as const;

export type PackageOptions = {
  readonly isRecursive: boolean;
  readonly isTransitive: boolean;
  readonly isWorkspaceRoot: boolean;
  readonly filters: readonly PackageFilter[];
  readonly affected: Affected | undefined;
  readonly isFailingWithoutMatch: boolean;
};

/** `--affected`: which changes count, and how far they reach. */
export type Affected = {
  /** A branch, tag or commit; undefined for the branch that others go into. */
  readonly ref: string | undefined;
  readonly hasDependents: boolean;
};

/** Throws a UserError with the code `usage` for options that exclude each other. */
export function readPackageOptions(
  values: OptionValues<typeof packageOptionTable>,
): PackageOptions {
  const options: PackageOptions = {
    isRecursive: values.recursive ?? false,
    isTransitive: values.transitive ?? false,
    isWorkspaceRoot: values["workspace-root"] ?? false,
    filters: (values.filter ?? []).flatMap(parseFilters),
    affected: values.affected && parseAffected(values.affected.text),
    isFailingWithoutMatch: values["fail-if-no-match"] ?? false,
  };
  const { isRecursive, isTransitive, filters } = options;
  if (isRecursive && isTransitive) throw excluding("recursive", "--transitive");
  if (filters.length > 0 && isTransitive) throw excluding("filter", "--transitive");
  if (filters.length > 0 && isRecursive) throw excluding("filter", "--recursive");
  return options;
}

/** Whether any of the options was given. */
export function hasPackageOptions(options: PackageOptions): boolean {
  const { isRecursive, isTransitive, isWorkspaceRoot, filters, affected } = options;
  const isChosen = isRecursive || isTransitive || isWorkspaceRoot;
  return isChosen || filters.length > 0 || affected !== undefined;
}

/** The error for two options, or an option and a task, that do not go together. */
export function excluding(name: string, other: string): UserError {
  return new UserError(`\`--${name}\` and \`${other}\` cannot be used together`, { code: "usage" });
}

function parseAffected(text: string | undefined): Affected {
  const hasDependents = text?.startsWith("...") ?? false;
  const ref = hasDependents ? text?.slice("...".length) : text;
  // It would be an option of git.
  if (ref?.startsWith("-") || text === "")
    throw new UserError("`--affected=` takes a branch, a tag or a commit", { code: "usage" });
  return { ref: ref === "" ? undefined : ref, hasDependents };
}
