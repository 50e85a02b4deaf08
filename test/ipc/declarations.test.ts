import { expect, test } from "bun:test";
import { absolutePath } from "../../src/base/path.ts";
import { DeclarationLog, type Declarations } from "../../src/ipc/declarations.ts";
import { parseGlobQuery, prefixQuery } from "../../src/ipc/env-query.ts";
import type { Request } from "../../src/ipc/protocol.ts";
import { toolEnvironment } from "./sample-environment.ts";

const requests: readonly Request[] = [
  { call: "ignoreInput", path: absolutePath("/w/b") },
  { call: "ignoreInput", path: absolutePath("/w/a") },
  { call: "ignoreOutput", path: absolutePath("/w/a") },
  { call: "disableCache" },
  { call: "getEnv", name: "B", isTracked: true },
  { call: "getEnv", name: "A", isTracked: false },
  { call: "getEnv", name: "A", isTracked: true },
  { call: "getEnv", name: "KEY", isTracked: true },
  { call: "getEnv", name: "LISTED", isTracked: true },
  { call: "getEnvs", query: prefixQuery("A"), isTracked: true },
  { call: "getEnvs", query: parseGlobQuery("L*"), isTracked: true },
  { call: "getEnvs", query: parseGlobQuery("K*"), isTracked: false },
];

function fold(said: readonly Request[]): Declarations {
  const variables = { A: "1", LISTED: "2" };
  const lists = { env: { KEY: "3" }, untrackedEnv: ["LISTED"] };
  const log = new DeclarationLog(toolEnvironment(variables, lists));
  for (const request of said) log.answer(request);
  return log.finish();
}

test("neither order nor repetition makes a difference", () => {
  const declared = fold(requests);
  expect(fold(requests.toReversed())).toEqual(declared);
  expect(fold([...requests, ...requests])).toEqual(declared);
  expect(declared).toMatchObject({
    ignoredInputs: [absolutePath("/w/a"), absolutePath("/w/b")],
    ignoredOutputs: [absolutePath("/w/a")],
    isUncacheable: true,
    asked: { singles: [{ name: "A" }, { name: "B", value: undefined }] },
    uncounted: ["LISTED"],
    problem: undefined,
  });
  expect(declared.asked.queries.map(({ matches }) => matches.map(([name]) => name))).toEqual([
    [],
    ["A"],
  ]);
});

test("a value that is no text is answered, and is a problem where it counts", () => {
  const variables = { A: "1", ODD: "x\uFFFD" };
  const problemOf = (said: readonly Request[], untrackedEnv: readonly string[] = []) => {
    const told: string[] = [];
    const log = new DeclarationLog(toolEnvironment(variables, { untrackedEnv }), (text) =>
      told.push(text),
    );
    const replies = said.map((request) => log.answer(request));
    expect(told).toEqual([log.finish().problem ?? []].flat());
    return { replies, problem: log.finish().problem };
  };
  const problem = "the value of the variable ODD is not valid UTF-8";
  const single = { call: "getEnv", name: "ODD", isTracked: true } as const;
  const all = { call: "getEnvs", query: prefixQuery(""), isTracked: true } as const;
  expect(problemOf([single, all])).toEqual({
    replies: [{ value: "x\uFFFD" }, { values: variables }],
    problem,
  });
  expect(problemOf([all]).problem).toBe(problem);
  expect(problemOf([{ ...single, isTracked: false }]).problem).toBeUndefined();
  expect(problemOf([{ ...all, isTracked: false }]).problem).toBeUndefined();
  expect(problemOf([single, all], ["ODD"]).problem).toBeUndefined();
});

test("who says nothing declares nothing", () => {
  expect(fold([])).toEqual({
    ignoredInputs: [],
    ignoredOutputs: [],
    isUncacheable: false,
    asked: { singles: [], queries: [] },
    uncounted: [],
    problem: undefined,
  });
});
