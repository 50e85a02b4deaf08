import { expect, test } from "bun:test";
import { UserError } from "../../src/base/error.ts";
import { type GlobConfig, type Task, taskKey } from "../../src/task/task.ts";
import { loadTasks, type TaskGraph } from "../../src/task/task-graph.ts";
import { loadPackages } from "../../src/workspace/package-graph.ts";
import { findWorkspace } from "../../src/workspace/root.ts";
import { temporaryDirectory } from "../harness/temporary-directory.ts";
import { type Files, writeFiles } from "../workspace/write-files.ts";

/** Paths in what it returns start at "~". */
async function load(files: Files): Promise<TaskGraph> {
  await using directory = await temporaryDirectory();
  writeFiles(directory.path, { "package.json": { workspaces: ["packages/*"] }, ...files });
  try {
    const graph = loadTasks(loadPackages(await findWorkspace(directory.path)));
    const tasks = [...graph.tasks].map(([key, task]): [string, Task] => {
      return [key, { ...task, cwd: task.cwd.replace(directory.path, "~") as Task["cwd"] }];
    });
    return { ...graph, tasks: new Map(tasks) };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const message = error.message.replaceAll(directory.path, "~");
    throw new UserError(message, { code: error.code, hint: error.hint, cause: error });
  }
}

async function failure(files: Files): Promise<readonly (string | undefined)[]> {
  const error: unknown = await load(files).catch((reason: unknown) => reason);
  if (!(error instanceof UserError)) throw new Error("nothing was wrong");
  return [error.code, error.message, error.hint];
}

/** One task, `x` of the package `a` at `packages/a`. */
async function loadTask(task: unknown): Promise<Task> {
  const graph = await load({
    "packages/a/package.json": { name: "a" },
    "packages/a/vite-task.json": { tasks: { x: task } },
  });
  const found = graph.tasks.get(taskKey({ packagePath: "packages/a" as never, task: "x" }));
  if (found === undefined) throw new Error("no task");
  return found;
}

const automatic: GlobConfig = { isAuto: true, positive: [], negative: [] };

test("a task has defaults for everything but its command", async () => {
  const expected: unknown = {
    id: { packagePath: "packages/a", packageName: "a", task: "x" },
    origin: "task",
    commands: ["tsc"],
    cwd: "~/packages/a",
    dependencies: [],
    cache: { env: [], untrackedEnv: [], input: automatic, output: automatic },
    hooks: {},
  };
  for (const task of ["tsc", ["tsc"], { command: "tsc" }, { command: ["tsc"], cache: true }]) {
    expect<unknown>(await loadTask(task)).toEqual(expected);
  }
  expect<unknown>(await loadTask({ command: "tsc", cache: {} })).toEqual(expected);
});

test("a list of commands is kept in its order, also when it is empty", async () => {
  expect((await loadTask(["a && b", "c"])).commands).toEqual(["a && b", "c"]);
  expect((await loadTask([])).commands).toEqual([]);
});

test("the working directory is relative to the package", async () => {
  const cwds = ["", "src", "../b", "/"];
  const found = await Promise.all(cwds.map((cwd) => loadTask({ command: "x", cwd })));
  expect<readonly string[]>(found.map(({ cwd }) => cwd)).toEqual([
    "~/packages/a",
    "~/packages/a/src",
    "~/packages/b",
    "/",
  ]);
});

test("cache settings mean the same on the task and inside `cache`", async () => {
  const settings = {
    env: ["A", "!B"],
    untrackedEnv: ["C_*"],
    input: ["src/**", { auto: true }],
    output: [],
  };
  const flat = await loadTask({ command: "x", ...settings });
  const nested = await loadTask({ command: "x", cache: settings });
  const { env, input, ...rest } = settings;
  const mixed = await loadTask({ command: "x", env, input, cache: { ...rest } });
  expect(nested.cache).toEqual(flat.cache);
  expect({ ...mixed.cache }).toMatchObject({ env, input: { isAuto: true } });
  expect(flat.cache).toEqual({
    env: ["A", "!B"],
    untrackedEnv: ["C_*"],
    input: { isAuto: true, positive: ["packages/a/src/**"], negative: [] },
    output: { isAuto: false, positive: [], negative: [] },
  });
});

test("`cache: false` turns it off for the task", async () => {
  expect((await loadTask({ command: "x", cache: false })).cache).toBe(false);
});

const globs: readonly (readonly [
  entries: unknown[],
  isAuto: boolean,
  positive: string,
  negative: string,
])[] = [
  [[], false, "", ""],
  [["src/**"], false, "packages/a/src/**", ""],
  [[{ auto: true }, "!dist/**"], true, "", "packages/a/dist/**"],
  [["p.json", { auto: true }], true, "packages/a/p.json", ""],
  [["!x"], false, "", "packages/a/x"],
  [[{ auto: false }], false, "", ""],
  [["dist/"], false, "packages/a/dist/**", ""],
  [["../b/*", "../../*"], false, "packages/b/* *", ""],
  [[{ pattern: "tsconfig.json", base: "workspace" }], false, "tsconfig.json", ""],
  [[{ pattern: "!gen/", base: "workspace" }], false, "", "gen/**"],
  [[{ pattern: "x", base: "package" }], false, "packages/a/x", ""],
  [["\\!x"], false, "packages/a/\\!x", ""],
];

test.each(globs)(
  "the entries %j mean auto %p, %p and not %p",
  async (entries, isAuto, positive, negative) => {
    for (const side of ["input", "output"] as const) {
      const { cache } = await loadTask({ command: "x", [side]: entries });
      const config = cache === false ? automatic : cache[side];
      const joined = [config.isAuto, config.positive.join(" "), config.negative.join(" ")];
      expect(joined).toEqual([isAuto, positive, negative]);
    }
  },
);

test("the glob characters of a package's directory mean themselves", async () => {
  const graph = await load({
    "packages/[a]/package.json": {},
    "packages/[a]/vite-task.json": { tasks: { x: { command: "y", input: ["*"] } } },
  });
  const [task] = graph.tasks.values();
  expect(task?.cache).toMatchObject({ input: { positive: ["packages/\\[a\\]/*"] } });
});

const configs: readonly (readonly [
  config: object,
  tasks: boolean,
  scripts: boolean,
  hooks: boolean,
])[] = [
  [{}, true, false, true],
  [{ $schema: "x" }, true, false, true],
  [{ cache: true }, true, true, true],
  [{ cache: false }, false, false, true],
  [{ cache: {} }, true, false, true],
  [{ cache: { scripts: true } }, true, true, true],
  [{ cache: { tasks: false } }, false, false, true],
  [{ enablePrePostScripts: false }, true, false, false],
];

test.each(configs)(
  "the root's %j caches tasks: %p, scripts: %p; hooks: %p",
  async (config, tasks, scripts, hasPrePostScripts) => {
    const graph = await load({ "vite-task.json": config });
    expect(graph.config).toEqual({ cache: { tasks, scripts }, hasPrePostScripts });
  },
);

const rootOnly = "can only be set in the workspace root";

test.each(["cache", "enablePrePostScripts"])(
  "%p in a package other than the root is an error",
  async (name) => {
    const files = {
      "packages/a/package.json": {},
      "packages/a/vite-task.json": `{\n  "${name}": true\n}`,
    };
    expect(await failure(files)).toEqual([
      "config-invalid",
      `~/packages/a/vite-task.json:2:3: \`${name}\` ${rootOnly}`,
      "move it to the vite-task.json of the workspace root",
    ]);
  },
);

test("scripts are tasks with defaults, and one level of hooks among themselves", async () => {
  const scripts = { test: "t", pretest: "p", prepretest: "pp", posttest: "q", build: "b" };
  const graph = await load({
    "packages/a/package.json": { name: "a", scripts },
    "packages/a/vite-task.json": { tasks: { prebuild: "never" } },
  });
  const found = [...graph.tasks.values()].map(({ id, hooks, origin }) => [id.task, origin, hooks]);
  expect<unknown>(found).toEqual([
    ["prebuild", "task", {}],
    ["test", "script", { pre: "p", post: "q" }],
    ["pretest", "script", { pre: "pp" }],
    ["prepretest", "script", {}],
    ["posttest", "script", {}],
    ["build", "script", {}],
  ]);
});

test("`enablePrePostScripts: false` leaves hooks out", async () => {
  const files = { "vite-task.json": { enablePrePostScripts: false } };
  const scripts = { test: "t", pretest: "p" };
  const graph = await load({ ...files, "packages/a/package.json": { scripts } });
  expect([...graph.tasks.values()].map(({ hooks }) => hooks)).toEqual([{}, {}]);
});

test("scripts and tasks may be called `__proto__` and `constructor`", async () => {
  const graph = await load({
    "packages/a/package.json": '{ "scripts": { "__proto__": "a", "constructor": "b" } }',
    "packages/b/package.json": "{}",
    "packages/b/vite-task.json": '{ "tasks": { "__proto__": "c", "constructor": ["d"] } }',
  });
  const found = [...graph.tasks.values()].map(
    ({ id, commands }) => `${id.task} ${commands.join()}`,
  );
  expect(found).toEqual(["__proto__ a", "constructor b", "__proto__ c", "constructor d"]);
});

test("a script with the name of a task is an error", async () => {
  const files = {
    "packages/a/package.json": { name: "a", scripts: { x: "1" } },
    "packages/a/vite-task.json": '{\n  "tasks": { "x": "2" }\n}',
  };
  expect(await failure(files)).toEqual([
    "task-conflict",
    "~/packages/a/vite-task.json:2:14: `tasks.x` conflicts with the script `x` in the package.json of a",
    "leave out `command` if the task is that script; else rename the task, or remove the script",
  ]);
});

test("a task without a command is the script of its name, with its pre and post scripts and with settings", async () => {
  const graph = await load({
    "packages/a/package.json": {
      name: "a",
      scripts: { prex: "1", x: "2", postx: "3", y: "4" },
    },
    "packages/a/vite-task.json": { tasks: { x: { env: ["A"], dependsOn: ["y"] } } },
  });
  const [x, ...others] = [...graph.tasks.values()];
  expect(x).toMatchObject({
    origin: "configured-script",
    commands: ["2"],
    hooks: { pre: "1", post: "3" },
    cache: { env: ["A"] },
    dependencies: ["packages/a\0y"],
  });
  expect(others.map(({ id, origin }) => `${id.task} ${origin}`)).toEqual([
    "prex script",
    "postx script",
    "y script",
  ]);
});

const dependencyFiles = (dependsOn: readonly unknown[]): Files => ({
  "packages/a/package.json": {
    name: "a",
    dependencies: { b: "*" },
    devDependencies: { "@s/c": "*" },
    peerDependencies: { d: "*" },
  },
  "packages/a/vite-task.json": { tasks: { x: { command: "1", dependsOn }, gen: "2" } },
  "packages/b/package.json": { name: "b", scripts: { build: "3" } },
  "packages/c/package.json": { name: "@s/c", scripts: { build: "4" } },
  "packages/d/package.json": { name: "d" },
  "packages/e/package.json": { name: "same" },
  "packages/f/package.json": { name: "same" },
});

const resolved: readonly (readonly [entries: readonly unknown[], keys: readonly string[]])[] = [
  [["gen"], ["packages/a gen"]],
  [["a#gen", "gen"], ["packages/a gen"]],
  [
    ["b#build", "@s/c#build"],
    ["packages/b build", "packages/c build"],
  ],
  [[{ task: "build", from: "dependencies" }], ["packages/b build"]],
  [[{ task: "build", from: "devDependencies" }], ["packages/c build"]],
  [
    [{ task: "build", from: ["devDependencies", "dependencies", "peerDependencies"] }],
    ["packages/b build", "packages/c build"],
  ],
  [[{ task: "build", from: "peerDependencies" }], []],
  [[{ task: "nope", from: "dependencies" }], []],
];

test.each(resolved)("dependsOn %j means %j", async (entries, keys) => {
  const graph = await load(dependencyFiles(entries));
  const task = graph.tasks.get(taskKey({ packagePath: "packages/a" as never, task: "x" }));
  expect(task?.dependencies.map((key) => key.replace("\0", " "))).toEqual([...keys]);
});

const unresolved: readonly (readonly [
  entry: string,
  code: string,
  message: string,
  hint?: string,
])[] = [
  ["gne", "task-not-found", "names the task `gne`, which a does not have", "did you mean `gen`?"],
  [
    "^gen",
    "task-not-found",
    "names the task `^gen`, which a does not have",
    'the task `gen` of the packages it depends on: { "task": "gen", "from": "dependencies" }',
  ],
  [
    "b#bild",
    "task-not-found",
    "names the task `bild`, which b does not have",
    "did you mean `build`?",
  ],
  [
    "c#build",
    "package-not-found",
    "names the package `c`, which is not in the workspace",
    "did you mean `@s/c`?",
  ],
  ["zzzz#build", "package-not-found", "names the package `zzzz`, which is not in the workspace"],
  [
    "same#x",
    "package-ambiguous",
    "names the package `same`, of which there are several: `packages/e`, `packages/f`",
  ],
];

for (const [entry, code, message, hint] of unresolved) {
  test(`dependsOn ${entry} is the error ${code}`, async () => {
    const place = "~/packages/a/vite-task.json:1:43: `tasks.x.dependsOn[0]`";
    expect(await failure(dependencyFiles([entry]))).toEqual([code, `${place} ${message}`, hint]);
  });
}
