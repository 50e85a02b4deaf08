// Each call of the client that tools have from npm, and each place from which a tool may call it.
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { appendFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { installPackages } from "../../harness/install-packages.ts";
import { temporaryDirectory } from "../../harness/temporary-directory.ts";
import { patience } from "../../harness/vt.ts";
import type { Workspace } from "../../harness/workspace.ts";
import { openWorkspace, type Run, runTask, writeFiles } from "./setting.ts";

setDefaultTimeout(patience);

type Action = readonly [name: string, ...args: unknown[]];

let workspace: Workspace;
let count = 0;

/** The oldest and the newest Node that the client is for, apart from the workspace's own. */
const newestAndOldest = await temporaryDirectory();
await installPackages(join(import.meta.dir, "nodes"), newestAndOldest.path);

const command = "node act.mjs";
const tasks = {
  auto: { command },
  uncached: { command, cache: false },
  listed: { command, untrackedEnv: ["LISTED", "L_*"], env: ["IN_KEY", "K_*"] },
  "input-glob": { command, input: [{ auto: true }, "state/listed.txt"] },
  "output-glob": { command, output: [{ auto: true }, "state/listed.txt"] },
  "explicit-inputs": { command, input: ["given.txt"] },
  explicit: { command, input: ["given.txt"], output: [] },
  ...Object.fromEntries(nodes().map(([name, node]) => [name, { command: `${node} act.mjs` }])),
  bun: { command: "bun act.mjs" },
  deno: { command: "deno run -A act.mjs" },
};

beforeAll(async () => {
  workspace = await openWorkspace({ "vite-task.json": { tasks }, "given.txt": "given\n" });
});

afterAll(async () => {
  await workspace[Symbol.asyncDispose]();
  await newestAndOldest[Symbol.asyncDispose]();
});

/** Each Node, by the task that runs it. */
function nodes(): [task: string, path: string][] {
  const installed = ["18", "24"].map((version): [string, string] => {
    const name = `node-${version}-${process.arch}/bin/node`;
    return [`node-${version}`, join(newestAndOldest.path, "node_modules", name)];
  });
  return [["node", Bun.which("node") ?? "node"], ...installed];
}

/** Lets the task do `actions`, with a `state/a.txt` that was there before; every call has its own cache entry. */
async function prepare(actions: readonly Action[], place = "main"): Promise<void> {
  count += 1;
  await rm(join(workspace.root, "state"), { recursive: true, force: true });
  await rm(join(workspace.root, "out"), { recursive: true, force: true });
  await writeFiles(workspace, {
    "state/a.txt": "a\n",
    "state/listed.txt": "listed\n",
    "actions.json": { count, place, actions },
  });
}

async function run(
  environment: Readonly<Record<string, string>> = {},
  task = "auto",
): Promise<Run> {
  return await runTask(workspace, task, environment);
}

async function edit(path: string): Promise<void> {
  await appendFile(join(workspace.root, path), "more\n");
}

describe("ignoreInput", () => {
  test("what is read below the path is no input, whenever the tool says so", async () => {
    for (const actions of [
      [
        ["ignoreInput", "state"],
        ["read", "state/a.txt"],
      ],
      [
        ["read", "state/a.txt"],
        ["ignoreInput", "state"],
      ],
    ] satisfies Action[][]) {
      await prepare(actions);
      const first = await run();
      expect(first).toMatchObject({ exitCode: 0, notStored: undefined });
      expect(first.tools).toEqual(["ignored as input: 'state' (1 path)"]);
      await edit("state/a.txt");
      expect((await run()).status).toBe("hit");
    }
  });

  test("a relative path is one of the directory where the tool is at that moment", async () => {
    await prepare([
      ["chdir", "state"],
      ["ignoreInput", "a.txt"],
      ["read", "a.txt"],
    ]);
    await run();
    await edit("state/a.txt");
    expect((await run()).status).toBe("hit");
  });

  test("other files go on counting, and a path outside the workspace means nothing", async () => {
    await prepare([
      ["ignoreInput", "state/b"],
      ["ignoreInput", ".."],
      ["read", "state/a.txt"],
    ]);
    await run();
    await edit("state/a.txt");
    expect((await run()).status).toBe("'state/a.txt' modified");
  });

  test("a file that the configuration lists goes on counting", async () => {
    await prepare([
      ["ignoreInput", "state"],
      ["read", "state/a.txt"],
      ["read", "state/listed.txt"],
    ]);
    await run({}, "input-glob");
    await edit("state/a.txt");
    expect((await run({}, "input-glob")).status).toBe("hit");
    await edit("state/listed.txt");
    expect((await run({}, "input-glob")).status).toBe("'state/listed.txt' modified");
  });

  test("a file that was read and then written no longer keeps the result out of the cache", async () => {
    await prepare([
      ["read", "state/a.txt"],
      ["write", "state/a.txt"],
    ]);
    expect((await run()).notStored).toBe("the task read and wrote 'state/a.txt'");
    await prepare([
      ["read", "state/a.txt"],
      ["write", "state/a.txt"],
      ["ignoreInput", "state"],
    ]);
    expect((await run()).notStored).toBeUndefined();
    expect((await run()).status).toBe("hit");
    // A hit would put back what was made of something else.
    await edit("state/a.txt");
    expect((await run()).status).toBe("'state/a.txt' modified");
  });
});

describe("ignoreOutput", () => {
  test("what is written below the path is not restored", async () => {
    await prepare([
      ["write", "out/a", "1"],
      ["write", "out/b", "2"],
      ["ignoreOutput", "out/b"],
    ]);
    expect((await run()).tools).toEqual(["ignored as output: 'out/b' (1 path)"]);
    await rm(join(workspace.root, "out"), { recursive: true });
    expect((await run()).status).toBe("hit");
    expect(await Bun.file(join(workspace.root, "out/a")).text()).toBe("1");
    expect(await Bun.file(join(workspace.root, "out/b")).exists()).toBe(false);
  });

  test("what the configuration lists as output is restored all the same", async () => {
    await prepare([
      ["write", "state/listed.txt", "1"],
      ["ignoreOutput", "state"],
    ]);
    expect((await run({}, "output-glob")).notStored).toBeUndefined();
    await rm(join(workspace.root, "state/listed.txt"));
    expect((await run({}, "output-glob")).status).toBe("hit");
    expect(await Bun.file(join(workspace.root, "state/listed.txt")).text()).toBe("1");
  });

  test("both together let a tool keep a cache of its own", async () => {
    const own = "state/cache";
    await prepare([
      ["ignoreInput", own],
      ["ignoreOutput", own],
      ["write", `${own}/x`],
    ]);
    await run();
    await edit("state/cache/x");
    expect((await run()).status).toBe("hit");
    await rm(join(workspace.root, own), { recursive: true });
    expect((await run()).status).toBe("hit");
  });
});

test("disableCache keeps the result out of the cache, whatever the configuration lists", async () => {
  for (const task of ["auto", "explicit"]) {
    await prepare([["disableCache"]]);
    const first = await run({}, task);
    expect(first.notStored).toBe("the task opted out of caching");
    expect(first.tools).toEqual(["asked not to be cached"]);
    expect((await run({}, task)).notStored).toBe("the task opted out of caching");
  }
});

describe("getEnv", () => {
  test("answers what the task would have without its list, and makes it count", async () => {
    await prepare([["getEnv", "A"]]);
    expect((await run({ A: "1" })).output).toEqual(['"1"']);
    expect((await run({ A: "1", B: "1" })).status).toBe("hit");
    expect((await run({ A: "2" })).status).toBe("env 'A' changed");
    expect((await run({})).status).toBe("env 'A' removed");
  });

  test("that a variable is not set counts, too", async () => {
    await prepare([["getEnv", "A"]]);
    expect((await run()).output).toEqual(["undefined"]);
    expect((await run({ A: "" })).status).toBe("env 'A' added");
  });

  test("does not count where the tool says so, or where the task lists the variable", async () => {
    await prepare([
      ["getEnv", "A", { tracked: false }],
      ["getEnv", "LISTED", { tracked: true }],
    ]);
    const first = await run({ A: "1", LISTED: "1" }, "listed");
    expect(first.output).toEqual(['"1"', '"1"']);
    expect(first.tools).toEqual(["env that does not: 'LISTED'"]);
    expect((await run({ A: "2", LISTED: "2" }, "listed")).status).toBe("hit");
  });

  test("a variable that the task lists as input is not counted twice", async () => {
    await prepare([["getEnv", "IN_KEY"]]);
    const first = await run({ IN_KEY: "1" }, "listed");
    expect(first.output).toEqual(['"1"']);
    expect(first.tools).toEqual([]);
    expect((await run({ IN_KEY: "2" }, "listed")).status).toBe("env 'IN_KEY' changed");
  });

  test("vt's own variables are nobody else's", async () => {
    await prepare([
      ["getEnv", "VP_RUN"],
      ["getEnv", "VP_RUN_IPC_NAME"],
      ["getEnv", "VT_CACHE"],
    ]);
    const first = await run({ VT_CACHE: "read-write" });
    expect(first.output).toEqual(["undefined", "undefined", "undefined"]);
    expect(first.tools).toEqual([]);
  });

  test("counts with explicit inputs and outputs, too", async () => {
    for (const task of ["explicit", "explicit-inputs"]) {
      await prepare([["getEnv", "A"]]);
      await run({ A: "1" }, task);
      expect((await run({ A: "1" }, task)).status).toBe("hit");
      expect((await run({ A: "2" }, task)).status).toBe("env 'A' changed");
    }
  });
});

describe("getEnvs", () => {
  test.each([
    ["a pattern", "X_*", { X_1: "a", X_2: "b" }],
    ["a pattern with ? and a class", "X_[2-9]", { X_2: "b" }],
    ["a prefix", { prefix: "X_" }, { X_1: "a", X_2: "b" }],
    ["a prefix, in which * is no sign", { prefix: "X_*" }, {}],
    ["braces, which are no sign either", "{X_1,X_2}", {}],
  ])("answers %s", async (_, query, expected) => {
    await prepare([["getEnvs", query]]);
    const { output } = await run({ X_1: "a", X_2: "b", Y: "c" });
    expect(output).toEqual([JSON.stringify(expected)]);
  });

  test("makes the whole set count", async () => {
    await prepare([["getEnvs", "X_*"]]);
    expect((await run({ X_1: "a" })).tools).toEqual(["env that counts: 'X_*' (1 set)"]);
    expect((await run({ X_1: "a", Y: "c" })).status).toBe("hit");
    expect((await run({ X_1: "b" })).status).toBe("env 'X_1' changed");
    expect((await run({ X_1: "a", X_2: "b" })).status).toContain("env 'X_");
    expect((await run()).status).toContain("removed");
  });

  test("leaves out what the task lists, and what the tool does not want tracked", async () => {
    await prepare([
      ["getEnvs", "L_*"],
      ["getEnvs", { prefix: "X_" }, { tracked: false }],
    ]);
    await run({ L_1: "a", X_1: "a" }, "listed");
    expect((await run({ L_1: "b", X_1: "b", X_2: "c" }, "listed")).status).toBe("hit");
  });

  test("a question for everything does not drag in where and how vt was started", async () => {
    await prepare([["getEnvs", { prefix: "" }]]);
    const first = await run({ A: "1", CI: "1", OLDPWD: "/a", GITHUB_RUN_ID: "1" });
    expect(first.tools.at(-1)).toContain("'CI', 'GITHUB_RUN_ID'");
    expect((await run({ A: "1", CI: "2", OLDPWD: "/b", GITHUB_RUN_ID: "2" })).status).toBe("hit");
    expect((await run({ A: "2" })).status).toBe("env 'A' changed");
  });

  test("a pattern that is none is the tool's to know, and nothing is stored", async () => {
    await prepare([["getEnvs", "["]]);
    const { exitCode, text } = await run();
    expect(exitCode).toBe(1);
    expect(text).toContain('getEnvs: the pattern "[" is invalid: `[` without `]`');
  });
});

test("outside of a cached task every call does nothing", async () => {
  await prepare([["getEnv", "A"], ["getEnvs", "A*"], ["ignoreInput", "state"], ["disableCache"]]);
  const { output, tools } = await run({ A: "1" }, "uncached");
  expect(output).toEqual(["undefined", "{}", "undefined", "undefined"]);
  expect(tools).toEqual([]);
});

describe("from wherever a tool calls", () => {
  const everything = [
    ["getEnv", "A"],
    ["getEnvs", { prefix: "X_" }],
    ["ignoreInput", "state"],
    ["ignoreOutput", "state"],
    ["read", "state/a.txt"],
    ["write", "state/a.txt"],
  ] satisfies Action[];

  test.each(
    ["auto", ...nodes().map(([task]) => task), "bun", "deno"].flatMap((task) =>
      ["main", "worker", "child"].map((place) => [task, place] as const),
    ),
  )("%s, %s", async (task, place) => {
    await prepare(everything, place);
    const environment = { A: "1", X_1: "2" };
    const first = await run(environment, task);
    expect(first).toMatchObject({ exitCode: 0, notStored: undefined });
    expect(first.output.slice(0, 2)).toEqual(['"1"', '{"X_1":"2"}']);
    expect(first.tools).toEqual([
      expect.stringContaining("ignored as input: 'state'"),
      "ignored as output: 'state' (1 path)",
      "env that counts: 'A', 'X_…' (1 set)",
    ]);
    expect((await run(environment, task)).status).toBe("hit");
    expect((await run({ ...environment, A: "2" }, task)).status).toBe("env 'A' changed");
  });
});
