import { compileNamePatterns } from "../plan/name-pattern.ts";

/** Which variables a tool asks for at once. */
export type EnvQuery =
  | { readonly kind: "glob"; readonly pattern: string }
  /** To the letter: `*` is no sign here. */
  | { readonly kind: "prefix"; readonly prefix: string };

export function prefixQuery(prefix: string): EnvQuery {
  return { kind: "prefix", prefix };
}

/** `*`, `?` and `[a-z]`, as in `env`. Throws a `SyntaxError` for a pattern that is malformed. */
export function parseGlobQuery(pattern: string): EnvQuery {
  compileNamePatterns([pattern]);
  return { kind: "glob", pattern };
}

/** Whether a variable of that name is asked for. The query was parsed before. */
export function compileQuery(query: EnvQuery): (name: string) => boolean {
  return query.kind === "prefix"
    ? (name) => name.startsWith(query.prefix)
    : compileNamePatterns([query.pattern]);
}

/** Whether it asks for whatever there is, rather than for something. */
export function isForEverything(query: EnvQuery): boolean {
  return query.kind === "prefix" ? query.prefix === "" : /^\*+$/.test(query.pattern);
}

/** Tells queries apart and gives them an order. */
export function queryKey(query: EnvQuery): string {
  return query.kind === "prefix" ? `prefix ${query.prefix}` : `glob ${query.pattern}`;
}
