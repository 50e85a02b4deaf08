import { describe, expect, test } from "bun:test";
import { digestOf } from "../../src/base/digest.ts";
import { type EnvQuery, parseGlobQuery, prefixQuery } from "../../src/ipc/env-query.ts";
import { toolEnvironment } from "./sample-environment.ts";

const glob = parseGlobQuery;
const prefix = prefixQuery;

describe("which variables a question is answered with", () => {
  const environment = toolEnvironment({ A: "1", AB: "2", B: "3", "A*": "4", a: "5", VT_X: "6" });
  const questions: readonly (readonly [EnvQuery, readonly string[]])[] = [
    [glob("A"), ["A"]],
    [glob("A*"), ["A", "A*", "AB"]],
    [glob("A?"), ["A*", "AB"]],
    [glob("[AB]"), ["A", "B"]],
    [glob("[!A]"), ["B", "a"]],
    [glob("A\\*"), ["A*"]],
    [glob("!A"), []],
    [glob(""), []],
    [prefix("A"), ["A", "A*", "AB"]],
    [prefix("A*"), ["A*"]],
    [prefix(""), ["A", "A*", "AB", "B", "a"]],
    [prefix("VT_"), []],
  ];
  test.each(questions)("%j", (query, names) => {
    expect(Object.keys(environment.find(query))).toEqual([...names]);
  });
});

describe("whether a variable counts when a tool asks for it", () => {
  const lists = { env: { KEY: "1" }, untrackedEnv: ["LISTED", "L_*", "!L_NOT"] };
  const environment = toolEnvironment({ LISTED: "1", L_A: "1", L_NOT: "1", CI: "1" }, lists);
  test.each([
    ["OTHER", "counts"],
    ["CI", "counts"],
    ["LISTED", "untracked"],
    ["L_A", "untracked"],
    ["L_UNSET", "untracked"],
    ["L_NOT", "counts"],
    ["KEY", "settled"],
    ["VP_RUN_IPC_NAME", "settled"],
    ["VT_CACHE", "settled"],
  ] as const)("%s %s", (name, standing) => {
    expect(environment.standing(name)).toBe(standing);
  });

  test("a question for everything counts only what is nobody's circumstance", () => {
    expect(environment.track(prefix("")).map(([name]) => name)).toEqual(["L_NOT"]);
    expect(environment.track(glob("C*")).map(([name]) => name)).toEqual(["CI"]);
  });
});

test("what is remembered of a value is its digest", () => {
  const environment = toolEnvironment({ A: "secret" });
  expect(environment.track(glob("A"))).toEqual([["A", digestOf("secret")]]);
  expect(environment.digest("A")).toBe(digestOf("secret"));
  expect(environment.digest("B")).toBeUndefined();
});
