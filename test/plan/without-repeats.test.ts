import { expect, test } from "bun:test";
import { describePlan, planSample, type SampleRun } from "./sample-plan.ts";

const all = {
  "": { tasks: { build: "vt run -F a -F b build" } },
  a: { tasks: { build: "x" } },
  b: {},
};

function packagesWith(more: SampleRun["packages"]): SampleRun["packages"] {
  return { ...all, ...more };
}

test.each<[rule: string, SampleRun, string[]]>([
  [
    "a task that is asked for beside a nested run which has it, runs there",
    { packages: all, args: ["-F", "a", "-w", "build"] },
    ["root#build", "  run", "    a#build", "      packages/a$ x"],
  ],
  [
    "what waits for it waits for the task with that run",
    {
      packages: packagesWith({
        b: { tasks: { build: { command: "y", dependsOn: ["a#build"] } } },
        "": { tasks: { build: "vt run -F a build" } },
      }),
      args: ["-F", "b", "-w", "build"],
    },
    [
      "root#build",
      "  run",
      "    a#build",
      "      packages/a$ x",
      "b#build after root#build",
      "  packages/b$ y",
    ],
  ],
  [
    "arguments go to it there, too",
    { packages: all, args: ["-F", "a", "-w", "build", "X"] },
    ["root#build", "  run", "    a#build", "      packages/a$ x X"],
  ],
  [
    "with another environment it runs in both places",
    {
      packages: packagesWith({ "": { tasks: { build: "A=1 vt run --no-cache -F a build" } } }),
      args: ["-F", "a", "-w", "build"],
    },
    ["root#build", "  run", "    a#build", "      packages/a$ x", "a#build", "  packages/a$ x"],
  ],
  [
    "where the task with that run waits for it, it runs before",
    {
      packages: packagesWith({
        "": { tasks: { build: "vt run -F a build" }, dependencies: ["a"] },
      }),
      args: ["-F", "a", "-w", "build"],
    },
    [
      "a#build",
      "  packages/a$ x",
      "root#build after a#build",
      "  run",
      "    a#build",
      "      packages/a$ x",
    ],
  ],
  [
    "where it waits for something else, it runs after that",
    {
      packages: packagesWith({
        a: { tasks: { build: { command: "x", dependsOn: ["b#gen"] } } },
        b: { tasks: { gen: "g" } },
        "": { tasks: { build: "vt run --ignore-depends-on -F a build" } },
      }),
      args: ["-F", "a", "-w", "build"],
    },
    [
      "root#build",
      "  run",
      "    a#build",
      "      packages/a$ x",
      "b#gen",
      "  packages/b$ g",
      "a#build after b#gen",
      "  packages/a$ x",
    ],
  ],
])("%s", async (_, sample, expected) => {
  expect(describePlan(await planSample(sample))).toEqual(expected);
});
