import type { ByteReader, ByteWriter } from "../base/bytes.ts";
import { asDigest } from "../base/digest.ts";
import { comparePaths } from "../base/path.ts";
import type { AskedEnv } from "../ipc/declarations.ts";
import type { EnvQuery } from "../ipc/env-query.ts";
import type { ToolEnvironment, TrackedVariable } from "../ipc/tool-environment.ts";
import type { MissReason } from "./miss.ts";

/** Which variable is not as it was, and how. */
type EnvChange = Omit<Extract<MissReason, { readonly kind: "tool-env-changed" }>, "kind">;

/**
 * The variables that a tool would be told something else about now: the single ones by name, and then
 * those of the queries.
 */
export function changedEnv(asked: AskedEnv, now: ToolEnvironment): readonly EnvChange[] {
  const singles = asked.singles.flatMap(({ name, value }) =>
    // The task may have listed it since.
    now.standing(name) === "counts" ? changeOf(name, value, now.digest(name)) : [],
  );
  const matched = asked.queries.flatMap(({ query, matches }) => {
    const counted = matches.filter(([name]) => now.standing(name) === "counts");
    return changedMatches(counted, now.track(query));
  });
  return [...singles, ...matched];
}

function changedMatches(
  then: readonly TrackedVariable[],
  now: readonly TrackedVariable[],
): readonly EnvChange[] {
  const before = new Map(then);
  const after = new Map(now);
  const names = [...new Set([...before.keys(), ...after.keys()])].sort(comparePaths);
  return names.flatMap((name) => changeOf(name, before.get(name), after.get(name)));
}

function changeOf(
  name: string,
  before: string | undefined,
  after: string | undefined,
): readonly EnvChange[] {
  const change = changeBetween(before, after);
  return change === undefined ? [] : [{ name, change }];
}

function changeBetween(
  before: string | undefined,
  after: string | undefined,
): EnvChange["change"] | undefined {
  if (before === after) return undefined;
  if (before === undefined) return "added";
  return after === undefined ? "removed" : "changed";
}

const queryKinds = ["glob", "prefix"] as const;

/** `docs/formats.md` has the layout. */
export function writeAsked(out: ByteWriter, { singles, queries }: AskedEnv): void {
  out.list(singles, ({ name, value }) => out.text(name).text(value ?? ""));
  out.list(queries, ({ query, matches }) => {
    out.number(queryKinds.indexOf(query.kind)).text(textOf(query));
    out.list(matches, ([name, value]) => out.text(name).text(value));
  });
}

/** Throws `DamagedBytes` when the bytes are not what `writeAsked` wrote. */
export function readAsked(input: ByteReader): AskedEnv {
  return {
    singles: input.list(() => {
      const name = input.text();
      const value = input.text();
      return { name, value: value === "" ? undefined : asDigest(value) };
    }),
    queries: input.list(() => ({
      query: queryOf(input.choice(queryKinds), input.text()),
      matches: input.list(() => [input.text(), asDigest(input.text())] as const),
    })),
  };
}

function textOf(query: EnvQuery): string {
  return query.kind === "glob" ? query.pattern : query.prefix;
}

function queryOf(kind: EnvQuery["kind"], text: string): EnvQuery {
  return kind === "glob" ? { kind, pattern: text } : { kind, prefix: text };
}
