import { compileGlobs, type GlobSet, rebaseGlob } from "../base/glob.ts";
import { type AbsolutePath, type WorkspacePath, workspacePath } from "../base/path.ts";
import { placesWalked, walkDirectories } from "../base/walk.ts";

/** Which directories below the root a workspace counts as its packages, if they have a manifest. */
export type MemberRules = GlobSet;

export type CompiledMembers =
  | { readonly kind: "rules"; readonly rules: MemberRules }
  /** The pattern at `index` is not usable, for the reason that `problem` adds to it. */
  | { readonly kind: "invalid"; readonly index: number; readonly problem: string };

/** Of a package that stands for itself. */
export const noMembers: MemberRules = compileGlobs({ positive: [], negative: [] });

/**
 * Patterns for directories, relative to the root; `!` takes away again. The last pattern that
 * matches a directory decides.
 */
export function compileMembers(patterns: readonly string[]): CompiledMembers {
  const rules: { isNegative: boolean; pattern: string }[] = [];
  for (const [index, text] of patterns.entries()) {
    const isNegative = text.startsWith("!");
    const bare = isNegative ? text.slice(1) : text;
    const rebased = rebaseGlob(bare === "/" ? bare : bare.replace(/\/+$/, ""), workspacePath(""));
    if (rebased.kind === "invalid") return { kind: "invalid", index, problem: rebased.problem };
    // The root is a package whatever the patterns say.
    if (!/^(?:\.?\/*)+$/.test(bare)) rules.push({ isNegative, pattern: rebased.pattern });
  }
  const positive = rules.filter(({ isNegative }) => !isNegative).map(({ pattern }) => pattern);
  const globs = compileGlobs({ positive, negative: [] });
  const ordered = rules.map(({ isNegative, pattern }) => ({
    isNegative,
    globs: compileGlobs({ positive: [pattern], negative: [] }),
  }));
  const isMember = (path: WorkspacePath): boolean =>
    ordered.findLast((rule) => rule.globs.matches(path))?.isNegative === false;
  return { kind: "rules", rules: { ...globs, matches: isMember } };
}

const skippedNames: ReadonlySet<string> = new Set(["node_modules", ".git", "bower_components"]);

/** Directories that may be packages, by code unit, the root not among them. Nothing in `node_modules` is. */
export function findMembers(root: AbsolutePath, rules: MemberRules): readonly WorkspacePath[] {
  return walkDirectories(root, rules, skippedNames).filter((path) => path !== "");
}

/** What `findMembers` looks at: it finds the same as long as all of it stays as it is. */
export function placesOfMembers(root: AbsolutePath, rules: MemberRules): readonly WorkspacePath[] {
  return placesWalked(root, rules, skippedNames);
}
