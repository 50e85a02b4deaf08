import { describe, expect, test } from "bun:test";
import { describePlan, planSample, type SampleRun, stepsOf } from "./sample-plan.ts";

/** A workspace where b depends on a. */
const chain = {
  "": {},
  a: { tasks: { build: "tsc" } },
  b: { tasks: { build: "vite build" }, dependencies: ["a"] },
};

const nestedPlans: [string, SampleRun, string[]][] = [
  [
    "in any of its spellings, from the directory that `cd` led to",
    {
      packages: {
        ...chain,
        "": {
          tasks: {
            all: "vt run -r build && cd packages/a && vtr build",
          },
        },
      },
      args: ["all"],
    },
    [
      "root#all",
      "  run",
      "    a#build",
      "      packages/a$ tsc",
      "    b#build after a#build",
      "      packages/b$ vite build",
      "  run",
      "    a#build",
      "      packages/a$ tsc",
    ],
  ],
  [
    "the spellings of the older runner",
    {
      packages: { ...chain, "": { tasks: { old: "vp run a#build && vpr a#build" } } },
      args: ["old"],
    },
    [
      "root#old",
      ...["  run", "    a#build", "      packages/a$ tsc"],
      ...["  run", "    a#build", "      packages/a$ tsc"],
    ],
  ],
  [
    "extra arguments become its own",
    { packages: { ...chain, "": { tasks: { all: "vt run a#build" } } }, args: ["all", "-v"] },
    ["root#all", "  run", "    a#build", "      packages/a$ tsc -v"],
  ],
  [
    "a run that asks for what is being run is left out",
    {
      packages: { ...chain, "": { scripts: { build: "vt run -r build" } } },
      args: ["-r", "build"],
    },
    [
      "root#build",
      "a#build",
      "  packages/a$ tsc",
      "b#build after a#build",
      "  packages/b$ vite build",
    ],
  ],
  [
    "a task that asks for itself among others means the others",
    {
      packages: { ...chain, "": { scripts: { build: "x && vt run -r build" } } },
      args: ["build"],
    },
    [
      "root#build",
      "  $ x",
      "  run",
      "    a#build",
      "      packages/a$ tsc",
      "    b#build after a#build",
      "      packages/b$ vite build",
    ],
  ],
  [
    "and what depended on it depends on what it depended on",
    {
      packages: {
        "": {},
        a: { tasks: { t: "a" } },
        b: { tasks: { t: "vt run -r t" }, dependencies: ["a"] },
        c: { tasks: { t: "c" }, dependencies: ["b"] },
      },
      args: ["t"],
      from: "b",
    },
    ["b#t", "  run", "    a#t", "      packages/a$ a", "    c#t after a#t", "      packages/c$ c"],
  ],
  [
    "a task that asks for itself alone does nothing",
    { packages: { "": { scripts: { t: "vt run t" } } }, args: ["t"] },
    ["root#t"],
  ],
  [
    "a run without a task, and the other commands, are processes",
    {
      packages: {
        "": {
          tasks: { t: "vt run && vt run --last-details && vt cache clean && vt run -h x && vpr" },
        },
      },
      args: ["t"],
    },
    [
      "root#t",
      ...[
        "  $ vt run",
        "  $ vt run --last-details",
        "  $ vt cache clean",
        "  $ vt run -h x",
        "  $ vpr",
      ],
    ],
  ],
];

describe("a run inside a command becomes part of the plan", () => {
  test.each(nestedPlans)("%s", async (_, sample, expected) => {
    expect(describePlan(await planSample(sample))).toEqual(expected);
  });

  test("what is a process of its own is the running executable, and never cached", async () => {
    const packages = { "": { tasks: { t: "vt cache clean && vpr --last-details" } } };
    const steps = stepsOf(await planSample({ packages, args: ["--cache", "t"] }));
    expect(steps.map((step) => step.action)).toEqual([
      { kind: "process", program: "/opt/vt", name: "vt", args: ["cache", "clean"] },
      { kind: "process", program: "/opt/vt", name: "vt", args: ["run", "--last-details"] },
    ] as unknown as (typeof steps)[number]["action"][]);
    expect(steps.map((step) => step.cache)).toEqual([
      { kind: "off", reason: { kind: "nested-command" } },
      { kind: "off", reason: { kind: "nested-command" } },
    ]);
  });

  test("its assignments reach what a tool may ask for, but not the process", async () => {
    const packages = { "": { tasks: { t: "A=1 B=2 vt run u", u: { command: "x", env: ["B"] } } } };
    const [step] = stepsOf(await planSample({ packages, args: ["t"] }));
    expect(step?.unfilteredEnvironment).toMatchObject({ A: "1", B: "2" });
    expect(step?.environment).not.toHaveProperty("A");
    expect(step?.environment["B"]).toBe("2");
  });

  test.each([
    ["", "", "on"],
    ["--no-cache", "", "flag"],
    ["--no-cache", "--cache", "on"],
    ["--cache", "--no-cache", "flag"],
  ])(
    "a cache flag holds for what is inside, unless that has one (%j, %j)",
    async (outer, inner, expected) => {
      const packages = {
        "": { tasks: { t: { command: `vt run ${inner} u`, cache: false }, u: "x" } },
      };
      const args = [...(outer === "" ? [] : [outer]), "t"];
      const steps = stepsOf(await planSample({ packages, args }));
      expect(
        steps.map<string>(({ cache }) => (cache.kind === "on" ? "on" : cache.reason.kind)),
      ).toEqual([expected]);
    },
  );

  test("--force holds for what is inside", async () => {
    const packages = { "": { tasks: { t: "a && vt run --force u && vt run v", u: "b", v: "c" } } };
    const forced = async (args: string[]) =>
      stepsOf(await planSample({ packages, args })).map(
        ({ cache }) => cache.kind === "on" && cache.isForced,
      );
    expect(await forced(["t"])).toEqual([false, true, false]);
    expect(await forced(["--force", "t"])).toEqual([true, true, true]);
  });
});
