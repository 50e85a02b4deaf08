import { expect, test } from "bun:test";
import { resolvePath } from "../../src/base/path.ts";
import { isSameQuery, resolveQuery } from "../../src/task/query.ts";
import { parseRunOptions } from "../../src/task/run-options.ts";
import { temporaryDirectory } from "../harness/temporary-directory.ts";
import { type Files, writeFiles } from "../workspace/write-files.ts";
import { loadContext, select } from "./query-workspace.ts";

const build = { build: "b" };
const uses = (...names: readonly string[]) =>
  Object.fromEntries(names.map((name) => [name, "workspace:*"]));

/** app → ui → core, app → cli → core; `ui` has no `build`; `tool` stands apart. */
const files: Files = {
  "package.json": { name: "root", workspaces: ["packages/*"], scripts: { all: "x" } },
  "packages/app/package.json": { name: "app", scripts: build, dependencies: uses("@s/ui", "cli") },
  "packages/cli/package.json": { name: "cli", scripts: build, devDependencies: uses("core") },
  "packages/core/package.json": { name: "core", scripts: { ...build, gen: "g" } },
  "packages/tool/package.json": { name: "tool", scripts: build },
  "packages/ui/package.json": { name: "@s/ui", scripts: { lint: "l" }, dependencies: uses("core") },
  "packages/app/vite-task.json": {
    tasks: {
      deploy: { command: "d", dependsOn: ["build", "tool#build"] },
      deep: { command: "e", dependsOn: ["deploy"] },
    },
  },
};

async function run(args: string, directory: string, more: Files = {}): Promise<readonly string[]> {
  await using temporary = await temporaryDirectory();
  writeFiles(temporary.path, { ...files, ...more });
  return select(await loadContext(temporary.path), args.split(" "), directory);
}

const selections: readonly (readonly [
  args: string,
  directory: string,
  selected: readonly string[],
])[] = [
  ["build", "packages/app", ["app#build"]],
  ["build", "packages/app/src/deep", ["app#build"]],
  ["all", "", ["root#all"]],
  ["all", "packages", ["root#all"]],
  ["-w all", "packages/app", ["root#all"]],
  ["core#build", "", ["core#build"]],
  ["@s/ui#lint", "", ["@s/ui#lint"]],
  ["ui#lint", "", ["@s/ui#lint"]],
  [
    "-r build",
    "",
    ["core#build", "cli#build < core#build", "app#build < cli#build core#build", "tool#build"],
  ],
  [
    "-r -w build",
    "",
    ["core#build", "cli#build < core#build", "app#build < cli#build core#build", "tool#build"],
  ],
  [
    "-t build",
    "packages/app",
    ["core#build", "cli#build < core#build", "app#build < cli#build core#build"],
  ],
  [
    "-t app#build",
    "",
    ["core#build", "cli#build < core#build", "app#build < cli#build core#build"],
  ],
  ["-t build", "packages/ui", ["core#build"]],
  ["deploy", "packages/app", ["+app#build", "+tool#build", "app#deploy < app#build tool#build"]],
  [
    "deep --recursive -- x",
    "packages/app",
    ["+app#build", "+tool#build", "+app#deploy < app#build tool#build", "app#deep < app#deploy"],
  ],
  ["--ignore-depends-on deep", "packages/app", ["app#deep"]],
  ["-F core -F tool build", "packages/app", ["core#build", "tool#build"]],
  ["-F cli... build", "", ["core#build", "cli#build < core#build"]],
  ["-F ./ build", "packages/app", ["app#build"]],
  ["-w -F app all", "packages/app", ["root#all"]],
  ["-w -F !app all", "packages/app", ["root#all"]],
  ["-F nobody build", "", []],
  ["--affected build", "packages/app", []],
];

test.each(selections)("`vt run %s` in %p selects %j", async (args, directory, selected) => {
  expect(await run(args, directory)).toEqual(selected);
});

test("a named task that another one depends on is one task, and stays a named one", async () => {
  const config = { tasks: { a: { command: "1", dependsOn: ["core#gen"] } } };
  const more = {
    "packages/core/vite-task.json": { tasks: { a: "2" } },
    "packages/cli/vite-task.json": config,
  };
  expect(await run("-r a", "", more)).toEqual(["core#a", "+core#gen", "cli#a < core#a core#gen"]);
});

const errors: readonly (readonly [
  args: string,
  directory: string,
  message: string,
  hint?: string,
])[] = [
  ["biuld", "packages/app", "Task `biuld` not found in package app", "did you mean `build`?"],
  ["lint", "packages/app", "Task `lint` not found in package app", "did you mean `@s/ui#lint`?"],
  ["app#nope", "", "Task `nope` not found in package app"],
  [
    "-r buidl",
    "",
    "Task `buidl` not found in any of the 6 selected packages",
    "did you mean `build`?",
  ],
  [
    "-t all",
    "packages/cli",
    "Task `all` not found in any of the 2 selected packages",
    "did you mean `root#all`?",
  ],
  ["ap#build", "", "Package `ap` not found in the workspace", "did you mean `app`?"],
  ["zzzzzz#ok", "", "Package `zzzzzz` not found in the workspace"],
  ["#build", "", "Package without a name not found in the workspace"],
  ["build", "../elsewhere", "is outside the workspace"],
];

for (const [args, directory, message, hint] of errors) {
  test(`\`vt run ${args}\` in "${directory}" is an error that helps`, async () => {
    const promise = run(args, directory);
    await expect(promise).rejects.toThrow(message);
    await expect(promise).rejects.toMatchObject({ hint });
  });
}

test("a name that two scopes share is ambiguous", async () => {
  const more = { "packages/other/package.json": { name: "@t/ui", scripts: { lint: "x" } } };
  expect(run("ui#lint", "", more)).rejects.toThrow(
    "Package name `ui` is ambiguous: @t/ui (packages/other), @s/ui (packages/ui)",
  );
});

test("packages without a name are shown by the task alone, and are ambiguous by name", async () => {
  const more = {
    "packages/u/package.json": { scripts: { solo: "x" } },
    "packages/v/package.json": { scripts: { solo: "y" } },
  };
  expect(await run("solo", "packages/u", more)).toEqual(["solo"]);
  expect(run("#solo", "", more)).rejects.toThrow(
    "Package name `` is ambiguous: packages/u, packages/v",
  );
});

const cycles: readonly (readonly [what: string, more: Files, message: string | undefined])[] = [
  [
    "a task that depends on itself",
    { "packages/app/vite-task.json": { tasks: { x: { command: "1", dependsOn: ["x"] } } } },
    "Cycle dependency detected: app#x -> app#x",
  ],
  [
    "two tasks that depend on each other",
    {
      "packages/app/vite-task.json": {
        tasks: { x: { command: "1", dependsOn: ["y"] }, y: { command: "1", dependsOn: ["x"] } },
      },
    },
    "Cycle dependency detected: app#x -> app#y -> app#x",
  ],
  [
    "packages with the task that depend on each other",
    {
      "packages/p/package.json": { name: "p", scripts: { x: "1" }, devDependencies: uses("q") },
      "packages/q/package.json": { name: "q", scripts: { x: "1" }, devDependencies: uses("p") },
    },
    "Cycle dependency detected: p#x -> q#x -> p#x",
  ],
  [
    "a package that depends on itself through one without the task",
    {
      "packages/p/package.json": { name: "p", scripts: { x: "1" }, devDependencies: uses("q") },
      "packages/q/package.json": { name: "q", devDependencies: uses("p") },
    },
    undefined,
  ],
];

test.each(cycles)(
  "%s: the cycle is named if it concerns the task",
  async (_what, more, message) => {
    const promise = run("-r x", "", more);
    if (message === undefined) expect(await promise).toEqual(["p#x"]);
    else await expect(promise).rejects.toThrow(message);
  },
);

test("order survives packages without the task, also several in a row", async () => {
  const chain = {
    "packages/p1/package.json": { name: "p1", scripts: { x: "1" }, dependencies: uses("p2") },
    "packages/p2/package.json": { name: "p2", dependencies: uses("p3") },
    "packages/p3/package.json": { name: "p3", dependencies: uses("p4") },
    "packages/p4/package.json": { name: "p4", scripts: { x: "1" } },
  };
  expect(await run("-r x", "", chain)).toEqual(["p4#x", "p1#x < p4#x"]);
});

test("two queries are the same when they mean the same packages, task and use of dependsOn", async () => {
  await using temporary = await temporaryDirectory();
  writeFiles(temporary.path, files);
  const context = await loadContext(temporary.path);
  const query = (args: string, directory: string) =>
    resolveQuery(parseRunOptions(args.split(" ")), resolvePath(temporary.path, directory), context);
  const base = query("-r build", "");
  expect(isSameQuery(base, query("-r -v --cache build more args", "packages/app"))).toBe(true);
  expect(isSameQuery(base, query("-r --ignore-depends-on build", ""))).toBe(false);
  expect(isSameQuery(base, query("build", ""))).toBe(false);
  expect(isSameQuery(query("app#build", ""), query("build", "packages/app/src"))).toBe(true);
});
