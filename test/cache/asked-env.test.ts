import { describe, expect, test } from "bun:test";
import { changedEnv } from "../../src/cache/asked-env.ts";
import { DeclarationLog } from "../../src/ipc/declarations.ts";
import { type EnvQuery, parseGlobQuery, prefixQuery } from "../../src/ipc/env-query.ts";
import { toolEnvironment } from "../ipc/sample-environment.ts";

type Variables = Readonly<Record<string, string>>;
type Question = string | EnvQuery;

/** What a tool asked while `then` held, compared with `now`, as "name change". */
function compare(
  questions: readonly Question[],
  then: Variables,
  now: Variables,
  untrackedEnv: readonly string[] = [],
): string | undefined {
  const log = new DeclarationLog(toolEnvironment(then));
  for (const question of questions) {
    if (typeof question === "string")
      log.answer({ call: "getEnv", name: question, isTracked: true });
    else log.answer({ call: "getEnvs", query: question, isTracked: true });
  }
  const [change] = changedEnv(log.finish().asked, toolEnvironment(now, { untrackedEnv }));
  return change && `${change.name} ${change.change}`;
}

describe("the first variable that is not as it was is named", () => {
  const all = parseGlobQuery("X_*");
  test.each<[string, Question[], readonly [Variables, Variables], string | undefined]>([
    ["the same value", ["A"], [{ A: "1" }, { A: "1", B: "2" }], undefined],
    ["still not set", ["A"], [{}, {}], undefined],
    ["another value", ["A"], [{ A: "1" }, { A: "2" }], "A changed"],
    ["set", ["A"], [{}, { A: "" }], "A added"],
    ["no longer set", ["A"], [{ A: "" }, {}], "A removed"],
    ["two, by name", ["B", "A"], [{}, { A: "1", B: "1" }], "A added"],
    ["single ones first", [all, "Z"], [{ X_1: "1", Z: "1" }, { X_1: "2" }], "Z removed"],
    ["the same set", [all], [{ X_1: "1" }, { X_1: "1", Y: "1" }], undefined],
    ["one more", [all], [{ X_1: "1" }, { X_1: "1", X_2: "1" }], "X_2 added"],
    ["one less", [all], [{ X_1: "1", X_2: "1" }, { X_2: "1" }], "X_1 removed"],
    ["another value in the set", [all], [{ X_1: "1" }, { X_1: "2" }], "X_1 changed"],
    ["a prefix", [prefixQuery("X_*")], [{ "X_*": "1" }, { X_1: "1" }], "X_* removed"],
  ])("%s", (_, questions, [then, now], expected) => {
    expect(compare(questions, then, now)).toBe(expected);
  });

  test("what the task has listed as untracked since does not count", () => {
    expect(compare(["A", all], { X_1: "1" }, { A: "1", X_1: "2" }, ["A", "X_1"])).toBeUndefined();
  });
});
