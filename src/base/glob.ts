import type { GlobComponent } from "./glob-syntax.ts";
import {
  escapeGlob,
  expandGlob,
  findGlobProblem,
  isWildcard,
  splitAt,
  tokenizeGlob,
} from "./glob-syntax.ts";
import type { WorkspacePath } from "./path.ts";
import { comparePaths, isWithin, workspacePath } from "./path.ts";

/** Rules as they are written down: a path belongs when a positive one matches and no negative one does. */
export type GlobRules = {
  readonly positive: readonly string[];
  readonly negative: readonly string[];
};

/** Rules made ready to be asked. Paths are relative to whatever the patterns are relative to. */
export type GlobSet = {
  readonly matches: (path: WorkspacePath) => boolean;
  /** `false` only where nothing below the directory can match. */
  readonly canContain: (directory: WorkspacePath) => boolean;
  /** Directories that hold everything that can match, none inside another, sorted. */
  readonly prefixes: readonly WorkspacePath[];
};

/**
 * Patterns must have passed `rebaseGlob`. `*` and `?` stay within a component and match a leading
 * dot, `**` as a whole component spans any number of them, `[a-z]`, `[!a-z]`, `{a,b}` and `\` do as
 * in a shell; everything else means itself. `dist/**` matches `dist`, too.
 */
export function compileGlobs({ positive, negative }: GlobRules): GlobSet {
  const included = positive.flatMap(compilePattern);
  const excluded = negative.flatMap(compilePattern);
  const excludedWhole = excluded.filter((parts) => parts.at(-1) === "**");
  return {
    matches: (path) => {
      if (included.length === 0) return false;
      const names = namesOf(path);
      return (
        included.some((parts) => isMatching(parts, names)) &&
        !excluded.some((parts) => isMatching(parts, names))
      );
    },
    canContain: (directory) => {
      const names = namesOf(directory);
      return (
        included.some((parts) => canReach(parts, names)) &&
        !excludedWhole.some((parts) => isMatching(parts, names))
      );
    },
    prefixes: outermost(positive.flatMap(literalPrefixes)),
  };
}

export type RebasedGlob =
  | { readonly kind: "pattern"; readonly pattern: string }
  /** Words that follow the pattern. */
  | { readonly kind: "invalid"; readonly problem: string };

/**
 * A pattern relative to the directory `base`, made relative to the root: `.` and `..` are worked
 * out, a trailing `/` becomes `/**`. Invalid when it is malformed, absolute, or leads out of the root.
 */
export function rebaseGlob(pattern: string, base: WorkspacePath): RebasedGlob {
  const tokens = tokenizeGlob(pattern);
  const problem = findGlobProblem(tokens);
  if (problem !== undefined) return invalid(problem);
  if (pattern.startsWith("/")) return invalid("is absolute; write it relative");
  const components = base === "" ? [] : base.split("/").map(escapeGlob);
  let hasWild = false;
  for (const component of splitAt(tokens, "/")) {
    const text = component.join("");
    if (text === "" || text === ".") continue;
    if (/[{,/]\.{1,2}(?=[},/])/.test(text)) return invalid("has `.` or `..` inside braces");
    if (text !== "..") {
      components.push(text);
      hasWild ||= component.some(isWildcard);
    } else if (hasWild) {
      return invalid("has `..` after a wildcard");
    } else if (components.pop() === undefined) {
      return invalid("resolves outside the workspace root");
    }
  }
  const isDirectory = /(?:^|\/)\.{0,2}$/.test(pattern);
  if (isDirectory && components.at(-1) !== "**") components.push("**");
  return { kind: "pattern", pattern: components.join("/") };
}

function invalid(problem: string): RebasedGlob {
  return { kind: "invalid", problem };
}

/** What one component of a pattern accepts. */
type Part = "**" | ((name: string) => boolean);

function compilePattern(pattern: string): readonly (readonly Part[])[] {
  return expandGlob(tokenizeGlob(pattern)).map((components) => components.map(compileComponent));
}

function compileComponent(component: GlobComponent): Part {
  if (component.kind === "globstar") return "**";
  if (component.kind === "literal") return (name) => name === component.name;
  if (component.pattern === "*") return () => true;
  // Loaded here because most patterns do without it.
  const picomatch: typeof import("picomatch") = require("picomatch");
  const options = { dot: true, posix: true, windows: false, debug: true };
  const isMatch = picomatch(component.pattern, options);
  return (name) => isMatch(name);
}

function namesOf(path: WorkspacePath): readonly string[] {
  return path === "" ? [] : path.split("/");
}

/** Takes as little as it can for each `**` and goes back to the last one only: that always suffices. */
function isMatching(parts: readonly Part[], names: readonly string[]): boolean {
  let part = 0;
  let retry: { part: number; name: number } | undefined;
  for (let name = 0; name < names.length; name++) {
    const accepts = parts[part];
    if (accepts === "**") {
      part += 1;
      retry = { part, name };
      name -= 1;
    } else if (accepts?.(names[name] ?? "") === true) {
      part += 1;
    } else if (retry !== undefined) {
      part = retry.part;
      name = retry.name;
      retry.name += 1;
    } else {
      return false;
    }
  }
  while (parts[part] === "**") part += 1;
  return part === parts.length;
}

/** Whether a match may lie below the directory with these names. */
function canReach(parts: readonly Part[], names: readonly string[]): boolean {
  for (const [index, name] of names.entries()) {
    const accepts = parts[index];
    if (accepts === "**") return true;
    if (accepts?.(name) !== true) return false;
  }
  return names.length < parts.length;
}

/** Of each alternative the components before the first wildcard, and never the last. */
function literalPrefixes(pattern: string): readonly WorkspacePath[] {
  return expandGlob(tokenizeGlob(pattern)).map((components) => {
    const names: string[] = [];
    for (const component of components.slice(0, -1)) {
      if (component.kind !== "literal") break;
      names.push(component.name);
    }
    return workspacePath(names.join("/"));
  });
}

function outermost(directories: readonly WorkspacePath[]): readonly WorkspacePath[] {
  const kept: WorkspacePath[] = [];
  for (const directory of [...new Set(directories)].sort(comparePaths)) {
    if (!kept.some((outer) => isWithin(directory, outer))) kept.push(directory);
  }
  return kept;
}
