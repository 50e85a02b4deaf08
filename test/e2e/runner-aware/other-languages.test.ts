// Tools that are no JavaScript: by the command `vt tool`, and by the wire format.
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { appendFile, cp, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { encodeFrame } from "../../../src/ipc/protocol.ts";
import { patience, runVtApart } from "../../harness/vt.ts";
import { copyWorkspace, type Workspace } from "../../harness/workspace.ts";
import { runTask, writeFiles } from "./setting.ts";

setDefaultTimeout(patience);

const python = Bun.which("python3");

let workspace: Workspace;

beforeAll(async () => {
  workspace = await copyWorkspace(join(import.meta.dir, "workspace"));
  const tool = (name: string): string => `${python} -B ${name}`;
  await writeFiles(workspace, {
    "vite-task.json": {
      tasks: {
        shell: "sh tool.sh",
        python: tool("tool.py"),
        inner: "cat given.txt",
        pair: "sh one.sh && sh two.sh",
      },
    },
    "state/a.txt": "a\n",
  });
  for (const name of ["client.py", "tool.py"]) {
    await cp(join(import.meta.dir, name), join(workspace.root, name));
  }
});

afterAll(async () => await workspace[Symbol.asyncDispose]());

/** Runs a shell script in which `vt` is the vt that runs it. */
async function runScript(
  lines: readonly string[],
  environment: Readonly<Record<string, string>> = {},
) {
  await writeFile(join(workspace.root, "tool.sh"), `${["set -e", ...lines].join("\n")}\n`);
  return await runAgain(environment);
}

async function runAgain(environment: Readonly<Record<string, string>> = {}) {
  const path = [join(import.meta.dir, "../../../dist"), "/usr/bin", "/bin"].join(":");
  return await runTask(workspace, "shell", { PATH: path, ...environment });
}

test("a shell script ignores paths of its own directory", async () => {
  const { notStored, tools } = await runScript([
    "cat state/a.txt; echo b > state/a.txt; mkdir -p out; echo c > out/c; cd state",
    "vt tool ignore-input a.txt ../out",
    "vt tool ignore-output a.txt",
  ]);
  expect(notStored).toBeUndefined();
  expect(tools).toContain("ignored as output: 'state/a.txt' (1 path)");
  await appendFile(join(workspace.root, "state/a.txt"), "more\n");
  expect((await runAgain()).status).toBe("hit");
});

test("what one item of a command ignores counts for another that reads it", async () => {
  await writeFiles(workspace, {
    "one.sh":
      "vt tool ignore-input out/extra; vt tool ignore-output out/extra; echo one > out/all\n",
    "two.sh": "cat out/extra >> out/all; cat out/all\n",
    "out/extra": "extra\n",
  });
  const path = [join(import.meta.dir, "../../../dist"), "/usr/bin", "/bin"].join(":");
  const pair = async () => await runTask(workspace, "pair", { PATH: path });
  await pair();
  expect((await pair()).text).toContain("2 cache hits");
  await appendFile(join(workspace.root, "out/extra"), "more\n");
  expect((await pair()).text).toContain("'out/extra' modified");
  expect(await Bun.file(join(workspace.root, "out/all")).text()).toBe("one\nextra\nmore\n");
});

test("a shell script reads variables that then count", async () => {
  const script = [
    'echo "[$(vt tool get-env A)]"',
    "vt tool get-envs 'X_*'",
    "vt tool get-env NONE",
  ];
  const environment = { A: "1", X_1: "a", X_2: "b c" };
  expect((await runScript(script, environment)).output).toEqual(["[1]", "X_1=a", "X_2=b c"]);
  expect((await runAgain(environment)).status).toBe("hit");
  expect((await runAgain({ ...environment, A: "2" })).status).toBe("env 'A' changed");
  expect((await runAgain({ ...environment, A: "2", NONE: "2" })).status).toBe("env 'NONE' added");
});

test("a shell script reads variables that do not count", async () => {
  await runScript(["vt tool get-env --untracked A", "vt tool get-envs --untracked 'X_*'"], {
    A: "1",
  });
  expect((await runAgain({ A: "2", X_1: "1" })).status).toBe("hit");
});

test("a shell script keeps its result out of the cache", async () => {
  expect((await runScript(["vt tool disable-cache"])).notStored).toBe(
    "the task opted out of caching",
  );
});

test("a script that starts vt itself is not stored, whatever it leaves of the environment", async () => {
  await writeFile(join(workspace.root, "given.txt"), "one\n");
  const reasons = [
    ["vt run inner", "the task opted out of caching"],
    [
      "env -u VP_RUN_IPC_NAME vt run inner",
      "the task started a `vt run` from which nothing was heard",
    ],
    [
      "rm $VP_RUN_IPC_NAME; vt run inner",
      "the task started a `vt run` from which nothing was heard",
    ],
  ] as const;
  for (const [line, reason] of reasons) {
    // The inner task hits: nobody reads its inputs.
    await runTask(workspace, "inner");
    expect((await runScript([line])).notStored).toBe(reason);
  }
});

test("a pattern that is none ends the script, and is told", async () => {
  const { exitCode, text } = await runScript(["vt tool get-envs '['"]);
  expect(exitCode).toBe(2);
  expect(text).toContain('error: vt tool get-envs: the pattern "[" is invalid');
});

test("a pattern that is none keeps the result out of the cache, although the task goes on", async () => {
  const { exitCode, notStored } = await runScript(["vt tool get-envs '[' || echo on we go"]);
  expect(exitCode).toBe(0);
  expect(notStored).toStartWith('task communication failed: the pattern "[" is invalid');
});

test("what is wrong is told where it was said, in the middle of the task's text", async () => {
  const { output } = await runScript([
    "echo before",
    "vt tool get-envs '[' 2> /dev/null || echo after",
  ]);
  expect(output).toEqual([
    "before",
    'task communication failed: the pattern "[" is invalid: `[` without `]`',
    "after",
  ]);
});

test("outside of a task there is nobody to tell, and that is no failure", async () => {
  for (const endpoint of ["", "gone", join(dirname(workspace.root), "gone")]) {
    const environment = { VP_RUN_IPC_NAME: endpoint };
    for (const call of [["disable-cache"], ["get-env", "NONE"], ["ignore-input", "x", "y"]]) {
      const result = await runVtApart(workspace, ["tool", ...call], { environment });
      expect(result).toEqual({ exitCode: 0, stdout: "", stderr: "" });
    }
  }
});

test("outside of a task a script reads its own environment, without vt's own variables", async () => {
  const ask = async (...call: string[]) =>
    await runVtApart(workspace, ["tool", ...call], {
      environment: {
        A: "1",
        X_1: "a",
        X_2: "b c",
        VT_CACHE: "read",
        VP_RUN_IPC_NAME: join(dirname(workspace.root), "gone"),
      },
    });
  expect((await ask("get-env", "A")).stdout).toBe("1\n");
  expect((await ask("get-envs", "X_*")).stdout).toBe("X_1=a\nX_2=b c\n");
  expect((await ask("get-envs", "V[PT]_*")).stdout).toBe("");
  expect(await ask("get-envs", "[")).toEqual({
    exitCode: 2,
    stdout: "",
    stderr: expect.stringContaining('error: vt tool get-envs: the pattern "[" is invalid'),
  });
});

test("a runner that refuses the talk is heard", async () => {
  const endpoint = join(workspace.temporary, "other.sock");
  const refusal = encodeFrame({ error: "this vt speaks version 7 with tools, not 1" });
  using _ = Bun.listen({
    unix: endpoint,
    socket: { data: (socket) => void socket.end(refusal) },
  });
  const environment = { VP_RUN_IPC_NAME: endpoint };
  const result = await runVtApart(workspace, ["tool", "ignore-input", "x"], { environment });
  expect(result).toEqual({
    exitCode: 2,
    stdout: "",
    stderr: expect.stringContaining("this vt speaks version 7 with tools, not 1"),
  });
});

test.skipIf(python === null)(
  "a client of forty lines of Python can do the same (needs python3)",
  async () => {
    const odd = Buffer.concat([Buffer.from(join(workspace.root, "state/")), Buffer.of(0xff)]);
    await writeFile(odd, "state\n");
    const environment = { A: "1", X_1: "2" };
    const first = await runTask(workspace, "python", environment);
    expect(first).toMatchObject({ exitCode: 0, notStored: undefined });
    expect(first.output).toEqual(["1", "{'X_1': '2'}"]);
    expect(first.tools.slice(0, 2)).toEqual([
      "ignored as input: 'state/\\xff' (1 path)",
      "ignored as output: 'state/\\xff' (1 path)",
    ]);
    await writeFile(odd, "other\n");
    expect((await runTask(workspace, "python", environment)).status).toBe("hit");
    expect((await runTask(workspace, "python")).status).toBe("env 'A' removed");
  },
);
