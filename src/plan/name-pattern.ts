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
    if (/[*?[\]\\]/.test(pattern)) sources.push(toRegExpSource(pattern));
    else names.add(pattern);
  }
  if (sources.length === 0) return (name) => names.has(name);
  const expression = new RegExp(`^(?:${sources.join("|")})$`, "su");
  return (name) => names.has(name) || expression.test(name);
}

function toRegExpSource(pattern: string): string {
  let source = "";
  let rest = pattern;
  while (rest !== "") {
    const token = /^(?:\\.|\[!?\]?[^\]]*\]|[^\\[])/su.exec(rest)?.[0];
    if (token === undefined) {
      throw new SyntaxError(
        rest.startsWith("[") ? "`[` without `]`" : "nothing after the backslash",
      );
    }
    source += tokenSource(token);
    rest = rest.slice(token.length);
  }
  return source;
}

function tokenSource(token: string): string {
  if (token === "*") return ".*";
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
