/**
 * Says whether the name of an environment variable fits one of the patterns: a plain name, or one
 * with `*`, `?` and `[a-z]`, `[!a-z]`; a backslash takes the meaning from the character after it.
 * Upper and lower case differ.
 *
 * Throws a `SyntaxError`, worded for a person, when a pattern is malformed.
 */
export function compileNamePatterns(patterns: readonly string[]): (name: string) => boolean {
  const names = new Set<string>();
  const sources: string[] = [];
  for (const pattern of patterns) {
    if (/[*?[\]\\]/.test(pattern)) sources.push(toRegExpSource(pattern, `p${sources.length}`));
    else names.add(pattern);
  }
  if (sources.length === 0) return (name) => names.has(name);
  const expression = new RegExp(`^(?:${sources.join("|")})$`, "su");
  return (name) => names.has(name) || expression.test(name);
}

function toRegExpSource(pattern: string, prefix: string): string {
  const pieces = [""];
  let rest = pattern;
  while (rest !== "") {
    const token = /^(?:\*+|\\.|\[!?\]?[^\]]*\]|[^\\[])/su.exec(rest)?.[0];
    if (token === undefined) {
      throw new SyntaxError(
        rest.startsWith("[") ? "`[` without `]`" : "nothing after the backslash",
      );
    }
    if (token.startsWith("*")) pieces.push("");
    else pieces.push(`${pieces.pop() ?? ""}${tokenSource(token)}`);
    rest = rest.slice(token.length);
  }
  return joinByStars(pieces, prefix);
}

/**
 * What stands between two stars may be taken where it first fits: no other choice finds more. Said as
 * a lookahead, into which the engine does not go back; else a pattern with a few stars could take years.
 */
function joinByStars(pieces: readonly string[], prefix: string): string {
  const [first = "", ...others] = pieces;
  const last = others.pop();
  if (last === undefined) return first;
  const between = others.map((piece, index) => {
    const name = `${prefix}_${index}`;
    return `(?=(?<${name}>.*?${piece}))\\k<${name}>`;
  });
  return `${first}${between.join("")}.*${last}`;
}

function tokenSource(token: string): string {
  if (token === "?") return ".";
  if (token.startsWith("[")) return classSource(token);
  return RegExp.escape(token.startsWith("\\") ? token.slice(1) : token);
}

function classSource(token: string): string {
  const isNegated = token.startsWith("[!");
  const members = token.slice(isNegated ? 2 : 1, -1);
  if (members === "") throw new SyntaxError(`\`${token}\` names no character`);
  const source = `[${isNegated ? "^" : ""}${members.replace(/[\\\][^]/gu, "\\$&")}]`;
  try {
    new RegExp(source, "u");
  } catch (cause) {
    throw new SyntaxError(`\`${token}\` is a range that runs backwards`, { cause });
  }
  return source;
}
