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

export type GlobSyntax =
  | { readonly kind: "pattern"; readonly alternatives: readonly (readonly GlobComponent[])[] }
  /** Words that follow the pattern. */
  | { readonly kind: "invalid"; readonly problem: string };

const lengthMax = 1024;
const alternativesMax = 256;
const starsPerComponentMax = 3;

/** Takes a pattern apart, its braces expanded. */
export function parseGlob(pattern: string): GlobSyntax {
  const tokens = tokenize(pattern);
  const problem = findTokenProblem(pattern, tokens);
  if (problem !== undefined) return { kind: "invalid", problem };
  const expanded = expandBraces(tokens);
  if (expanded.length > alternativesMax) {
    return { kind: "invalid", problem: `has more than ${alternativesMax} alternatives` };
  }
  const alternatives = expanded.map((alternative) => splitAt(alternative, "/"));
  if (alternatives.flat().some((component) => countStars(component) > starsPerComponentMax)) {
    const limit = `more than ${starsPerComponentMax} \`*\` in one component`;
    return { kind: "invalid", problem: `has ${limit}` };
  }
  return { kind: "pattern", alternatives: alternatives.map((names) => names.map(toComponent)) };
}

/** The texts between those `/` of a pattern that stand outside braces. */
export function splitComponents(pattern: string): readonly string[] {
  const components = [""];
  let depth = 0;
  for (const token of tokenize(pattern)) {
    if (token === "{") depth += 1;
    if (token === "}") depth -= 1;
    if (token === "/" && depth === 0) components.push("");
    else components.push(`${components.pop() ?? ""}${token}`);
  }
  return components;
}

/** Whether the text has anything in it that a pattern would not take literally. */
export function hasWildcard(text: string): boolean {
  return tokenize(text).some((token) => /^[*?{[]/.test(token));
}

/** Takes their meaning from the characters that have one in a pattern. */
export function escapeGlob(text: string): string {
  return text.replace(/[\\*?[\]{},]/g, "\\$&");
}

/** One of: an escaped character, a class, a run of stars, any other character. */
const tokenPattern = /\\.|\[[!^]?\]?(?:\[:\w+:\]|\\.|[^\]\\])*\]|\*+|./gsu;

function tokenize(pattern: string): string[] {
  return [...pattern.matchAll(tokenPattern)].map(([token]) => token);
}

function findTokenProblem(pattern: string, tokens: readonly string[]): string | undefined {
  if (pattern === "") return "is empty";
  if (pattern.length > lengthMax) return `is longer than ${lengthMax} characters`;
  if (pattern.includes("\0")) return "has a NUL character";
  if (tokens.at(-1) === "\\") return "ends in a backslash that escapes nothing";
  if (tokens.includes("[")) return "has a `[` that is never closed";
  const problem = tokens.map(findClassProblem).find((found) => found !== undefined);
  return problem ?? findBraceProblem(tokens);
}

function findClassProblem(token: string): string | undefined {
  if (token.length === 1 || token[0] !== "[") return undefined;
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

/** At separators outside inner braces. */
function splitAt(tokens: readonly string[], separator: string): readonly (readonly string[])[] {
  const parts: string[][] = [[]];
  let depth = 0;
  for (const token of tokens) {
    if (token === "{") depth += 1;
    if (token === "}") depth -= 1;
    if (token === separator && depth === 0) parts.push([]);
    else parts.at(-1)?.push(token);
  }
  return parts;
}

function countStars(tokens: readonly string[]): number {
  return tokens.filter((token) => token.startsWith("*")).length;
}

function toComponent(tokens: readonly string[]): GlobComponent {
  if (tokens.length === 1 && tokens[0] === "**") return { kind: "globstar" };
  const isWild = tokens.some((token) => /^(?:[*?]|\[)/.test(token));
  if (!isWild) return { kind: "literal", name: tokens.map(withoutEscape).join("") };
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
