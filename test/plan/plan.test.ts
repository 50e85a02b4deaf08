import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { patience } from "../harness/vt.ts";
import { describePlan, planFailure, planSample, type SampleRun, stepsOf } from "./sample-plan.ts";

setDefaultTimeout(patience);

/** A workspace where b depends on a. */
const chain = {
  "": {},
  a: { tasks: { build: "tsc" } },
  b: { tasks: { build: "vite build" }, dependencies: ["a"] },
};

describe("the plan of a run", () => {
  test.each<[string, SampleRun, string[]]>([
    [
      "one task of the package at hand",
      { packages: chain, args: ["build"], from: "b" },
      ["b#build", "  packages/b$ vite build"],
    ],
    [
      "every package, dependencies first",
      { packages: chain, args: ["-r", "build"] },
      ["a#build", "  packages/a$ tsc", "b#build after a#build", "  packages/b$ vite build"],
    ],
    [
      "--parallel: in no order",
      { packages: chain, args: ["-r", "--parallel", "build"] },
      ["a#build", "  packages/a$ tsc", "b#build", "  packages/b$ vite build"],
    ],
    [
      "arguments go to the tasks that were asked for, and to the last command of each",
      {
        packages: {
          ...chain,
          b: { tasks: { build: { command: "x && y", dependsOn: ["gen"] }, gen: "g" } },
        },
        args: ["-r", "build", "--mode", "a b"],
      },
      [
        "a#build",
        "  packages/a$ tsc --mode 'a b'",
        "b#gen",
        "  packages/b$ g",
        "b#build after b#gen",
        "  packages/b$ x",
        "  packages/b$ y --mode 'a b'",
      ],
    ],
    [
      "pre and post scripts belong to their script",
      {
        packages: { "": { scripts: { pretest: "p", test: "t", posttest: "q", prepretest: "pp" } } },
        args: ["test", "X"],
      },
      ["root#test", "  $ p", "  $ t X", "  $ q"],
    ],
    [
      "`cd` leads the commands after it elsewhere, and a pre script does not",
      {
        packages: {
          "": {},
          a: {
            scripts: {
              pret: "cd x && p",
              t: "cd src && a && cd .. && b && cd /tmp && c && cd && d",
            },
          },
        },
        args: ["t"],
        from: "a",
      },
      [
        "a#t",
        "  packages/a/x$ p",
        "  packages/a/src$ a",
        "  packages/a/src/..$ b",
        "  /tmp$ c",
        "  /me$ d",
      ],
    ],
    [
      "the commands of a list follow each other",
      { packages: { "": { tasks: { t: ["cd src", "a && b", "c | d", "e"] } } }, args: ["t", "X"] },
      ["root#t", "  src$ a", "  src$ b", "  src$ c | d", "  src$ e X"],
    ],
    [
      "a task without commands",
      { packages: { "": { tasks: { t: [] } } }, args: ["t"] },
      ["root#t"],
    ],
  ])("%s", async (_, sample, expected) => {
    expect(describePlan(await planSample(sample))).toEqual(expected);
  });
});

describe("how many tasks may run at once", () => {
  test.each<[string[], Record<string, string>, number | null]>([
    [["t"], {}, 4],
    [["--concurrency-limit", "2", "t"], { VT_CONCURRENCY: "9" }, 2],
    [["--concurrency-limit", "0", "t"], {}, 1],
    [["t"], { VT_CONCURRENCY: "9", VP_RUN_CONCURRENCY_LIMIT: "8" }, 9],
    [["t"], { VP_RUN_CONCURRENCY_LIMIT: "8" }, 8],
    [["t"], { VT_CONCURRENCY: "0" }, 1],
    // JSON, which the sample goes through, has no word for Infinity.
    [["--parallel", "t"], { VT_CONCURRENCY: "9" }, null],
    [["--parallel", "--concurrency-limit", "3", "t"], {}, 3],
  ])("%j with %j", async (args, environment, expected) => {
    const graph = await planSample({ packages: { "": { tasks: { t: "x" } } }, args, environment });
    expect(graph.concurrency as number | null).toBe(expected);
  });

  test("a nested run has a limit of its own", async () => {
    const packages = { "": { tasks: { t: "vt run --concurrency-limit 7 u", u: "x" } } };
    const [item] =
      (await planSample({ packages, args: ["--parallel", "t"] })).nodes[0]?.items ?? [];
    expect(item?.kind === "nested" && item.graph.concurrency).toBe(7);
  });
});

describe("a command becomes a step", () => {
  const packages = {
    "": { config: { cache: { scripts: true } } },
    a: {
      scripts: { s: "A=1 tool 'x y'" },
      tasks: {
        t: "tool x && ./local y",
        pipe: "a | b",
        say: "echo -e hi '  you'",
        mute: "echo -n hi",
      },
    },
  };
  const stepsFor = async (...args: string[]) =>
    stepsOf(await planSample({ packages, args, from: "a" }));

  test("with program, arguments, directory and key", async () => {
    const [first, second] = await stepsFor("t", "X");
    expect(first).toMatchObject({
      key: { packagePath: "packages/a", task: "t", index: 0, extraArgs: [] },
      task: { packageName: "a", task: "t" },
      commandText: "tool x",
      cwdText: "packages/a",
      cwd: "/w/packages/a",
      action: { kind: "process", program: "/bin/tool", name: "tool", args: ["x"] },
      cache: {
        kind: "on",
        policy: { trackedEnv: [], input: { isAuto: true }, output: { isAuto: true } },
      },
    });
    expect(second).toMatchObject({
      key: { index: 1, extraArgs: ["X"] },
      action: { kind: "process", name: "./local", args: ["y", "X"] },
    });
  });

  test("that nothing runs before, or whose program something before it may make", async () => {
    const tasks = { first: "made-before", second: "x && made-before" };
    const actions = async (task: string) =>
      stepsOf(await planSample({ packages: { "": { tasks } }, args: [task] })).map(
        ({ action }) => action,
      );
    expect(await actions("first")).toMatchObject([{ program: "/bin/made-before" }]);
    expect(await actions("second")).toMatchObject([
      { program: "/bin/x" },
      { program: "/w/bin/made-before", search: "expected" },
    ]);
  });

  test("of a script, with what npm tells it", async () => {
    const [step] = await stepsFor("s");
    expect(step?.environment).toMatchObject({
      A: "1",
      npm_lifecycle_event: "s",
      PWD: "/w/packages/a",
    });
    expect(step?.cache.kind === "on" && step.cache.policy.trackedEnv).toEqual([
      ["A", "1"],
      ["npm_package_name", "a"],
      ["npm_package_version", "1.0.0"],
    ]);
  });

  test("of the shell, where it is more than plain words", async () => {
    const [step] = await stepsFor("pipe", "it's");
    expect(step).toMatchObject({
      commandText: "a | b",
      action: { kind: "process", program: "/bin/sh", name: "sh", args: ["-c", "a | b 'it'\\''s'"] },
      cache: { kind: "on" },
    });
  });

  test("echo, which vt does itself and never caches", async () => {
    const [said] = await stepsFor("say");
    const [muted] = await stepsFor("--cache", "mute");
    expect(said?.action).toEqual({ kind: "echo", text: "-e hi   you\n" });
    expect(muted?.action).toEqual({ kind: "echo", text: "hi" });
    expect(muted?.cache).toEqual({ kind: "off", reason: { kind: "built-in" } });
  });
});

const one = (command: unknown, ...args: string[]): SampleRun => ({
  packages: { "": { tasks: { t: command, u: "x" } } },
  args: ["t", ...args],
});
const path = "node_modules/.bin, PATH";

const failures: [string, SampleRun, string[]][] = [
  [
    "a program that is not there",
    one("x && missing y"),
    [
      "Failed to plan `missing y` in task root#t",
      `program "missing" not found from /w; looked in: ${path}`,
    ],
  ],
  [
    "a nested task that is not there",
    one("vt run nope"),
    [
      "Failed to plan tasks from `vt run nope` in task root#t",
      "Task `nope` not found in package root",
    ],
  ],
  [
    "an option that is none",
    one("vt run --bogus x"),
    ["Failed to plan tasks from `vt run --bogus x` in task root#t", "Unknown option `--bogus`"],
  ],
  [
    "`cd` with too much",
    one("x && cd a", "b"),
    ["Failed to plan `cd a b` in task root#t", "`cd` takes one directory, and was given 2"],
  ],
  [
    "a cached task elsewhere",
    one({ command: "x", cwd: "/tmp" }),
    ["Failed to plan `x` in task root#t", "its directory /tmp lies outside the workspace"],
  ],
  [
    "a directory that is not there, and that nothing can make before",
    one({ command: "x", cwd: "missing" }),
    ["the `cwd` of task root#t is no directory: /w/missing"],
  ],
  [
    "a limit that is no number",
    { ...one("x"), environment: { VT_CONCURRENCY: "many" } },
    ['Invalid value for VT_CONCURRENCY: "many"'],
  ],
  [
    "two tasks that run each other",
    {
      packages: { "": { scripts: { a: "vt run b", b: "vt run c", c: "vt run b" } } },
      args: ["a"],
    },
    [
      "Failed to plan tasks from `vt run b` in task root#a",
      "Failed to plan tasks from `vt run c` in task root#b",
      "Failed to plan tasks from `vt run b` in task root#c",
      "Detected a recursion: root#b -> root#c -> root#b",
    ],
  ],
];

describe("what cannot be planned keeps everything from running", () => {
  test.each(failures)("%s", async (_, sample, expected) => {
    expect((await planFailure(sample)).map((line) => line.replace(/\/\S*\/root\b/g, "/w"))).toEqual(
      expected,
    );
  });

  test("nested runs that multiply without bounds", async () => {
    const scripts = Object.fromEntries(
      Array.from({ length: 30 }, (_, index) => [
        `t${index}`,
        `vt run t${index + 1} && vt run t${index + 1}`,
      ]),
    );
    const failure = await planFailure({
      packages: { "": { scripts: { ...scripts, t30: "x" } } },
      args: ["t0"],
    });
    expect(failure.at(-1)).toBe("the plan has more than 100000 commands");
  });

  test("nested runs that go too deep", async () => {
    const scripts = Object.fromEntries(
      Array.from({ length: 200 }, (_, index) => [`t${index}`, `vt run t${index + 1}`]),
    );
    const failure = await planFailure({
      packages: { "": { scripts: { ...scripts, t200: "x" } } },
      args: ["t0"],
    });
    expect(failure.at(-1)).toBe("`vt run` inside `vt run`, more than 100 deep");
  });
});
