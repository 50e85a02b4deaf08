/*
 * What a glob pattern is made of. The matching library reads far more into a pattern than we
 * promise (extended globs, quotes, groups), repairs what is broken, and takes seconds for `**` on a
 * long path; so a pattern is taken apart here, down to the components, and the library only ever
 * sees one component without braces. The limits keep that below 50 ms for any name.
 */

/** One component of a pattern, without braces. */
export type GlobComponent =
  /** `**`: any number of components, none included. */
  | { readonly kind: "globstar" }
  | { readonly kind: "literal"; readonly name: string }
  /** For the library: whatever means nothing to us is escaped. */
  | { readonly kind: "wild"; readonly pattern: string };

/** An escaped character, a class, a run of stars, or any other character. */
export type GlobToken = string;

const lengthMax = 1024;
const alternativesMax = 256;
const starsPerComponentMax = 3;

const item = String.raw`\[:\w+:\]|\\.|[^\]\\]`;
/** A `]` that comes first in a class is one of its characters. */
const classPattern = String.raw`\[(?:[!^]|(?![!^]))(?:\]|${item})(?:${item})*\]`;
const tokenPattern = new RegExp(String.raw`\\.|${classPattern}|\*+|.`, "gsu");

export function tokenizeGlob(pattern: string): readonly GlobToken[] {
  return pattern.match(tokenPattern) ?? [];
}

/** Why a pattern cannot be used, in words that follow it; undefined when it can. */
export function findGlobProblem(tokens: readonly GlobToken[]): string | undefined {
  if (tokens.length === 0) return "is empty";
  if (tokens.length > lengthMax) return `is longer than ${lengthMax} characters`;
  if (tokens.includes("\0")) return "has a NUL character";
  if (tokens.at(-1) === "\\") return "ends in a backslash that escapes nothing";
  if (tokens.includes("[")) return "has a `[` that is never closed";
  for (const token of tokens) {
    const problem = token.length > 1 && token[0] === "[" ? findClassProblem(token) : undefined;
    if (problem !== undefined) return problem;
  }
  const problem = findBraceProblem(tokens);
  if (problem !== undefined) return problem;
  const alternatives = expandBraces(tokens);
  if (alternatives.length > alternativesMax) return `has more than ${alternativesMax} alternatives`;
  const isStarry = alternatives.some((alternative) =>
    splitAt(alternative, "/").some((component) => countStars(component) > starsPerComponentMax),
  );
  return isStarry ? `has more than ${starsPerComponentMax} \`*\` in one component` : undefined;
}

/** What a pattern without a problem matches: any of these rows of components. */
export function expandGlob(tokens: readonly GlobToken[]): readonly (readonly GlobComponent[])[] {
  return expandBraces(tokens).map((alternative) => splitAt(alternative, "/").map(toComponent));
}

/** At the separators that stand outside braces. */
export function splitAt(
  tokens: readonly GlobToken[],
  separator: GlobToken,
): readonly (readonly GlobToken[])[] {
  const parts: GlobToken[][] = [[]];
  let depth = 0;
  for (const token of tokens) {
    if (token === "{") depth += 1;
    if (token === "}") depth -= 1;
    if (token === separator && depth === 0) parts.push([]);
    else parts.at(-1)?.push(token);
  }
  return parts;
}

/** Whether a token is anything that a pattern would not take literally. */
export function isWildcard(token: GlobToken): boolean {
  return /^(?:[*?{]|\[.)/s.test(token);
}

/** Takes their meaning from the characters that have one in a pattern. */
export function escapeGlob(text: string): string {
  return text.replace(/[\\*?[\]{},]/g, "\\$&");
}

function findClassProblem(token: string): string | undefined {
  if (token.includes("/")) return `has a \`/\` in \`${token}\``;
  for (const [range, from = "", to = ""] of token.slice(1, -1).matchAll(/([^\\])-([^\\])/gu)) {
    if (from > to) return `has the range \`${range}\`, which runs backwards`;
  }
  return undefined;
}

function findBraceProblem(tokens: readonly string[]): string | undefined {
  const commas: number[] = [];
  for (const token of tokens) {
    if (token === "{") commas.push(0);
    if (token === "," && commas.length > 0) commas.push((commas.pop() ?? 0) + 1);
    if (token !== "}") continue;
    const count = commas.pop();
    if (count === undefined) return "has a `}` without a `{`";
    if (count === 0) return "has braces without a comma in them (`\\{` stands for a brace itself)";
  }
  return commas.length > 0 ? "has a `{` that is never closed" : undefined;
}

/** Stops soon after `alternativesMax`. */
function expandBraces(tokens: readonly string[]): readonly (readonly string[])[] {
  const start = tokens.indexOf("{");
  if (start === -1) return [tokens];
  const end = closingBrace(tokens, start);
  const before = tokens.slice(0, start);
  const after = tokens.slice(end + 1);
  const expanded: (readonly string[])[] = [];
  for (const choice of splitAt(tokens.slice(start + 1, end), ",")) {
    if (expanded.length > alternativesMax) break;
    expanded.push(...expandBraces([...before, ...choice, ...after]));
  }
  return expanded;
}

function closingBrace(tokens: readonly string[], start: number): number {
  let depth = 0;
  for (let index = start; index < tokens.length; index++) {
    if (tokens[index] === "{") depth += 1;
    if (tokens[index] === "}") depth -= 1;
    if (depth === 0) return index;
  }
  return tokens.length;
}

function countStars(tokens: readonly string[]): number {
  return tokens.filter((token) => token.startsWith("*")).length;
}

function toComponent(tokens: readonly string[]): GlobComponent {
  if (tokens.length === 1 && tokens[0] === "**") return { kind: "globstar" };
  if (!tokens.some(isWildcard))
    return { kind: "literal", name: tokens.map(withoutEscape).join("") };
  return { kind: "wild", pattern: tokens.map(translate).join("") };
}

function withoutEscape(token: string): string {
  return token.length > 1 && token[0] === "\\" ? token.slice(1) : token;
}

function translate(token: string): string {
  if (token.startsWith("*")) return "*";
  if (token === "?") return token;
  if (token.length > 1 && token[0] === "[") return token.replace(/^\[!/, "[^");
  return withoutEscape(token).replace(/[\\*?[\]{}(),|+@!^$"'#~]/, "\\$&");
}
