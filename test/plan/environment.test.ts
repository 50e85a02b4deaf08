import { describe, expect, test } from "bun:test";
import type { Environment } from "../../src/base/host.ts";
import { absolutePath, comparePaths } from "../../src/base/path.ts";
import {
  cachedEnvironment,
  type EnvironmentSources,
  fullEnvironment,
  readParentEnvironment,
} from "../../src/plan/environment.ts";
import { createSelectEnvironment } from "../../src/plan/environment-selector.ts";

const root = absolutePath("/w");

function sources(parent: Environment, more: Partial<EnvironmentSources> = {}): EnvironmentSources {
  return {
    parent: readParentEnvironment(parent),
    root,
    packageDirectory: absolutePath("/w/packages/a"),
    cwd: absolutePath("/w/packages/a/src"),
    invocationCwd: absolutePath("/w/packages"),
    assignments: [],
    ...more,
  };
}

type Lists = { readonly env?: readonly string[]; readonly untrackedEnv?: readonly string[] };

function cached(parent: Environment, lists: Lists = {}, more: Partial<EnvironmentSources> = {}) {
  const selector = createSelectEnvironment()(lists.env ?? [], lists.untrackedEnv ?? []);
  return cachedEnvironment(sources(parent, more), selector);
}

/** What every process gets, so that a table need only name the rest. */
const always = {
  PATH: "/w/packages/a/node_modules/.bin:/w/node_modules/.bin:/bin",
  PWD: "/w/packages/a/src",
  INIT_CWD: "/w/packages",
  VP_RUN: "1",
};
const path = { PATH: "/bin" };

describe("a cached process gets what its task lets through, and what is tracked counts", () => {
  test.each<[string, Environment, Lists, Record<string, string>, Record<string, string>]>([
    ["nothing that is not listed", { NODE_ENV: "x", TMPDIR: "/t", TERM: "y" }, {}, {}, {}],
    ["a built-in name", { HOME: "/h", CI: "1" }, {}, { HOME: "/h", CI: "1" }, {}],
    [
      "a built-in pattern",
      { GITHUB_SHA: "s", A_TOKEN: "t" },
      {},
      { GITHUB_SHA: "s", A_TOKEN: "t" },
      {},
    ],
    [
      "a built-in name that changes results counts",
      { TZ: "UTC", LANG: "C", LC_ALL: "C", NODE_OPTIONS: "--x", NEXT_PUBLIC_A: "1", NEXT_B: "2" },
      {},
      { TZ: "UTC", LANG: "C", LC_ALL: "C", NODE_OPTIONS: "--x", NEXT_PUBLIC_A: "1", NEXT_B: "2" },
      { LANG: "C", LC_ALL: "C", NEXT_PUBLIC_A: "1", NODE_OPTIONS: "--x", TZ: "UTC" },
    ],
    [
      "unless the task says that it does not",
      { TZ: "UTC" },
      { untrackedEnv: ["TZ"] },
      { TZ: "UTC" },
      {},
    ],
    ["`env` names", { A: "1", B: "2" }, { env: ["A"] }, { A: "1" }, { A: "1" }],
    [
      "`env` patterns",
      { A1: "1", A2: "2", B: "3" },
      { env: ["A*"] },
      { A1: "1", A2: "2" },
      { A1: "1", A2: "2" },
    ],
    ["`untrackedEnv` names", { A: "1", B: "2" }, { untrackedEnv: ["A"] }, { A: "1" }, {}],
    [
      "a name on both sides counts",
      { A: "1" },
      { env: ["A"], untrackedEnv: ["A"] },
      { A: "1" },
      { A: "1" },
    ],
    ["a listed name that is not set", {}, { env: ["A"], untrackedEnv: ["B"] }, {}, {}],
    ["a name that is set to nothing", { A: "" }, { env: ["A"] }, { A: "" }, { A: "" }],
    ["names differ by case", { a: "1" }, { env: ["A"] }, {}, {}],
    [
      "an exclusion in the same list",
      { A1: "1", A2: "2" },
      { env: ["A*", "!A1"] },
      { A2: "2" },
      { A2: "2" },
    ],
    [
      "an exclusion wherever it stands",
      { A1: "1", A2: "2" },
      { env: ["!A1", "A*"] },
      { A2: "2" },
      { A2: "2" },
    ],
    ["an exclusion in the other list", { A1: "1" }, { env: ["A*"], untrackedEnv: ["!A1"] }, {}, {}],
    [
      "an exclusion of a built-in name",
      { CI: "1", HOME: "/h" },
      { untrackedEnv: ["!CI"] },
      { HOME: "/h" },
      {},
    ],
    [
      "everything but",
      { A: "1", X_TOKEN: "2" },
      { untrackedEnv: ["*", "!*_TOKEN"] },
      { A: "1" },
      {},
    ],
    [
      "a built-in name can be made to count",
      { CI: "1" },
      { env: ["CI"] },
      { CI: "1" },
      { CI: "1" },
    ],
    [
      "settings of vt reach it and never count",
      { VT_CACHE: "read", VT_CACHE_DIR: "/c", VP_RUN_CONCURRENCY_LIMIT: "2" },
      { env: ["V*"] },
      { VT_CACHE: "read", VT_CACHE_DIR: "/c", VP_RUN_CONCURRENCY_LIMIT: "2" },
      {},
    ],
    ["messages of an outer vt do not", { VP_RUN_IPC_NAME: "/s", VP_RUN: "0" }, {}, {}, {}],
  ])("%s", (...[, parent, lists, expected, tracked]) => {
    const result = cached({ ...path, ...parent }, lists);
    expect(result.environment).toEqual({ ...always, FORCE_COLOR: "1", ...expected });
    expect(result.trackedEnv).toEqual(Object.entries(tracked));
  });
});

describe("a cached process writes in colour unless its task and the person say otherwise", () => {
  test.each<[string, Environment, Lists, string, Record<string, string>]>([
    ["not listed, not set", {}, {}, "1", {}],
    ["not listed, set", { FORCE_COLOR: "3" }, {}, "1", {}],
    ["in `untrackedEnv` and set", { FORCE_COLOR: "3" }, { untrackedEnv: ["FORCE_COLOR"] }, "3", {}],
    ["in `env` and set", { FORCE_COLOR: "0" }, { env: ["FORCE_COLOR"] }, "0", { FORCE_COLOR: "0" }],
    ["in `env` and not set", {}, { env: ["FORCE_*"] }, "1", { FORCE_COLOR: "1" }],
    ["in `untrackedEnv` and not set", {}, { untrackedEnv: ["FORCE_COLOR"] }, "1", {}],
  ])("%s", (...[, parent, lists, value, tracked]) => {
    const result = cached({ ...path, ...parent }, lists);
    expect(result.environment["FORCE_COLOR"]).toBe(value);
    expect(result.trackedEnv).toEqual(Object.entries(tracked));
  });

  test("in front of the command", () => {
    const result = cached(path, {}, { assignments: [["FORCE_COLOR", "0"]] });
    expect(result.environment["FORCE_COLOR"]).toBe("0");
    expect(result.trackedEnv).toEqual([["FORCE_COLOR", "0"]]);
  });
});

test("an assignment in front of a command counts as if `env` had named it", () => {
  const assigned = cached(path, {}, { assignments: [["FOO", "1"]] });
  const listed = cached({ ...path, FOO: "1" }, { env: ["FOO"] });
  expect(assigned).toEqual(listed);
});

test("the last of several assignments to one name stands", () => {
  const result = cached(
    path,
    {},
    {
      assignments: [
        ["A", "1"],
        ["A", "2"],
      ],
    },
  );
  expect(result.trackedEnv).toEqual([["A", "2"]]);
});

test("an uncached process gets everything, without colour being asked for", () => {
  const parent = { ...path, NODE_ENV: "x", VT_CACHE: "off", VP_RUN: "0", VP_RUN_IPC_NAME: "/s" };
  const { environment } = fullEnvironment(sources(parent, { assignments: [["B", "2"]] }));
  expect(environment).toEqual({ ...parent, ...always, B: "2" });
});

test("a tool may ask for everything that vt was started with and that the command adds", () => {
  const parent = { ...path, SECRET: "s", VT_CACHE: "off", VP_RUN: "1", VP_RUN_IPC_NAME: "/s" };
  const result = cached(parent, {}, { assignments: [["B", "2"]] });
  const { VP_RUN: _, ...rest } = always;
  expect(result.unfilteredEnvironment).toEqual({ ...rest, SECRET: "s", B: "2" });
});

describe("programs of the package come first, then those of the root", () => {
  test.each<[string, Environment, string]>([
    [
      "before the rest",
      { PATH: "/x:/y" },
      "/w/packages/a/node_modules/.bin:/w/node_modules/.bin:/x:/y",
    ],
    [
      "without being named twice",
      { PATH: "/x:/w/node_modules/.bin:/y:/w/packages/a/node_modules/.bin" },
      "/w/packages/a/node_modules/.bin:/w/node_modules/.bin:/x:/y",
    ],
    [
      "an empty entry stays",
      { PATH: "/x::/y" },
      "/w/packages/a/node_modules/.bin:/w/node_modules/.bin:/x::/y",
    ],
    [
      "without a PATH, before what a shell would search",
      {},
      "/w/packages/a/node_modules/.bin:/w/node_modules/.bin:/usr/local/bin:/usr/bin:/bin",
    ],
  ])("%s", (_, parent, expected) => {
    expect(fullEnvironment(sources(parent)).environment["PATH"]).toBe(expected);
  });

  test("once, in the root package", () => {
    const { environment } = fullEnvironment(sources(path, { packageDirectory: root }));
    expect(environment["PATH"]).toBe("/w/node_modules/.bin:/bin");
  });

  test("and not where the command sets PATH itself", () => {
    const { environment } = fullEnvironment(sources(path, { assignments: [["PATH", "/only"]] }));
    expect(environment["PATH"]).toBe("/only");
  });
});

describe("scripts get what npm tells them", () => {
  const script = { name: "prebuild", packageName: "a", packageVersion: "1.2.3" };
  const outer = {
    npm_execpath: "/npm.js",
    npm_config_user_agent: "npm/1",
    npm_package_name: "root",
  };
  const told = {
    npm_lifecycle_event: "prebuild",
    npm_package_name: "a",
    npm_package_version: "1.2.3",
    npm_execpath: "/npm.js",
    npm_config_user_agent: "npm/1",
  };

  test("cached, with name and version counting", () => {
    const result = cached({ ...path, ...outer }, {}, { script });
    expect(result.environment).toEqual({ ...always, FORCE_COLOR: "1", ...told });
    expect(result.trackedEnv).toEqual([
      ["npm_package_name", "a"],
      ["npm_package_version", "1.2.3"],
    ]);
  });

  test("uncached", () => {
    const { environment } = fullEnvironment(sources({ ...path, ...outer }, { script }));
    expect(environment).toEqual({ ...always, ...told });
  });

  test("and not what npm told of another package", () => {
    const nameless = { name: "build", packageName: "", packageVersion: "" };
    const parent = { ...path, ...outer, npm_package_version: "9.9.9" };
    const { environment } = fullEnvironment(sources(parent, { script: nameless }));
    expect(environment).not.toHaveProperty("npm_package_name");
    expect(environment).not.toHaveProperty("npm_package_version");
  });

  test("and tasks do not", () => {
    const result = cached({ ...path, ...outer }, { untrackedEnv: ["npm_package_name"] });
    expect(result.environment).toEqual({ ...always, FORCE_COLOR: "1", npm_package_name: "root" });
    expect(result.trackedEnv).toEqual([]);
  });
});

test("the untracked side counts as written: built-in patterns, the task's, and every exclusion", () => {
  const select = createSelectEnvironment();
  const plain = select([], []).untrackedPatterns;
  expect(plain).toEqual([...plain].sort(comparePaths));
  expect(plain).toContain("GITHUB_*");
  const added = (env: string[], untracked: string[]) =>
    select(env, untracked).untrackedPatterns.filter((pattern) => !plain.includes(pattern));
  expect(added(["A", "!CI"], ["X_*", "!B"])).toEqual(["!B", "!CI", "X_*"]);
  expect(added(["A", "B*"], ["CI"])).toEqual([]);
});

test("a malformed pattern is refused, with its list and what is wrong", () => {
  const select = createSelectEnvironment();
  const message = '`env` or `untrackedEnv`: the pattern "A[" is invalid: `[` without `]`';
  expect(() => select(["A["], [])).toThrow(message);
  expect(() => select([], ["!A["])).toThrow(message);
});

test("a tracked value that is not text is refused, since two of them could look equal", () => {
  const message = "the value of the variable A is not valid UTF-8";
  expect(() => cached({ ...path, A: "x\uFFFD" }, { env: ["A"] })).toThrow(message);
  expect(() => cached({ ...path, A: "x\uFFFD" }, { untrackedEnv: ["A"] })).not.toThrow();
});
