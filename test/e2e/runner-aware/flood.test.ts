// Tools that say too much, say it wrongly, or never stop.
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { canMount, unshare } from "../../harness/abilities.ts";
import { patience } from "../../harness/vt.ts";
import { copyWorkspace, type Workspace } from "../../harness/workspace.ts";
import { type Run, runTask, writeFiles } from "./setting.ts";

setDefaultTimeout(patience);

let workspace: Workspace;

const setting = `
import { spawn } from "node:child_process";
import { createConnection } from "node:net";
import { createRequire } from "node:module";
const load = () => createRequire(import.meta.url)(process.env.VP_RUN_NODE_CLIENT_PATH).load();
const connect = () => createConnection(process.env.VP_RUN_IPC_NAME);
const frame = (text) => {
  const head = Buffer.alloc(4);
  head.writeUInt32LE(Buffer.byteLength(text));
  return Buffer.concat([head, Buffer.from(text)]);
};
const hello = frame('{"call":"hello","version":1}');
`;

beforeAll(async () => {
  workspace = await copyWorkspace(join(import.meta.dir, "workspace"));
  const task = { command: "node tool.mjs", output: [{ auto: true }, "!left/**"] };
  await writeFiles(workspace, { "vite-task.json": { tasks: { tool: task } } });
});

afterAll(async () => await workspace[Symbol.asyncDispose]());

async function runScript(script: string): Promise<Run> {
  await writeFile(join(workspace.root, "tool.mjs"), `${setting}\n${script}\n`);
  return await runTask(workspace, "tool");
}

test("a hundred thousand calls from 32 processes are all heard", async () => {
  const { exitCode, notStored, tools } = await runScript(`
    if (process.argv[2] === undefined) {
      const children = Array.from({ length: 32 }, (_, index) => spawn(process.execPath, ["tool.mjs", index], { stdio: "inherit" }));
      const codes = await Promise.all(children.map((child) => new Promise((resolve) => child.on("exit", resolve))));
      process.exitCode = Math.max(...codes);
    } else {
      const client = load();
      for (let call = 0; call < 3125; call++) {
        if (call % 2 === 0) client.ignoreInput("state/" + process.argv[2] + "/" + (call % 100));
        else if (client.getEnv("A" + (call % 50)) !== undefined) throw new Error("set");
      }
    }`);
  expect({ exitCode, notStored }).toEqual({ exitCode: 0, notStored: undefined });
  expect(tools[0]).toEndWith(`and ${32 * 50 - 20} more`);
  expect((await runTask(workspace, "tool")).status).toBe("hit");
});

test("a broken message leaves the task's result as it was, and is the reason not to store it", async () => {
  const { exitCode, output, notStored } = await runScript(`
    const socket = connect();
    socket.write(Buffer.concat([hello, Buffer.of(255, 255, 255, 255)]));
    socket.resume().on("close", () => console.log("hung up"));`);
  const problem = "task communication failed: a frame of 4294967295 bytes, more than 65536";
  expect({ exitCode, output }).toEqual({ exitCode: 0, output: [problem, "hung up"] });
  expect(notStored).toBe(problem);
  expect((await runTask(workspace, "tool")).status).not.toBe("hit");
});

test("a pattern of many stars holds nobody up", async () => {
  const { exitCode, notStored } = await runScript(`
    const client = load();
    for (const pattern of ["*".repeat(100) + "X", "*[A-Z]".repeat(100) + "!"])
      client.getEnvs(pattern);`);
  expect({ exitCode, notStored }).toEqual({ exitCode: 0, notStored: undefined });
});

test("a path that is too long is the tool's to know", async () => {
  const { exitCode, text, notStored } = await runScript(`
    const client = load();
    try { client.ignoreInput("y/".repeat(20_000)); } catch (error) { console.log(String(error)); }
    client.ignoreInput("y/".repeat(1500));`);
  expect(exitCode).toBe(0);
  expect(text).toContain("Error: ignoreInput: a path of more than 4095 bytes");
  expect(notStored).toContain("a path of more than 4095 bytes");
});

test("half a message, or none, from a tool that ends is no reason", async () => {
  const { exitCode, notStored } = await runScript(`
    const [silent, half] = [connect(), connect()];
    half.write(Buffer.concat([hello, frame('{"call":"disableCache"}').subarray(0, 9)]), () => process.exit(0));`);
  expect({ exitCode, notStored }).toEqual({ exitCode: 0, notStored: undefined });
});

test("a tool that is killed in the middle is no reason", async () => {
  const { exitCode, notStored } = await runScript(`
    if (process.argv[2] === undefined) spawn(process.execPath, ["tool.mjs", "inner"], { stdio: "inherit" });
    else {
      const client = load();
      client.ignoreInput("state");
      process.kill(process.pid, "SIGKILL");
    }`);
  expect({ exitCode, notStored }).toEqual({ exitCode: 0, notStored: undefined });
});

test("a process that stays connected does not hold up the end of its task", async () => {
  const { exitCode, notStored } = await runScript(`
    if (process.argv[2] === undefined) {
      const child = spawn(process.execPath, ["tool.mjs", "stays"], { stdio: ["ignore", "pipe", "ignore"] });
      child.stdout.on("data", () => process.exit(0));
    } else {
      const client = load();
      console.log("connected");
      setInterval(() => client.getEnv("A"), 1);
    }`);
  expect(exitCode).toBe(0);
  expect(notStored).toContain("still ran when the task had ended");
  const pid = Number(/process (\d+)/.exec(notStored ?? "")?.[1]);
  if (pid > 0) process.kill(pid, "SIGKILL");
});

test("an endpoint that the task deletes costs it nothing", async () => {
  const { exitCode, notStored, tools } = await runScript(`
    import { rmSync } from "node:fs";
    const client = load();
    rmSync(process.env.VP_RUN_IPC_NAME);
    client.ignoreInput("state");`);
  expect({ exitCode, notStored }).toEqual({ exitCode: 0, notStored: undefined });
  expect(tools).toEqual(["ignored as input: 'state' (0 paths)"]);
});

test.skipIf(!canMount())(
  "where no endpoint can be bound the task runs, and the reason is told (needs mount)",
  async () => {
    await writeFile(
      join(workspace.root, "tool.mjs"),
      "console.log(process.env.VP_RUN_IPC_NAME);\n",
    );
    // Room for itself, for what the tracer keeps, and for a directory, but none for a socket in that.
    const place = join(workspace.temporary, "narrow");
    await mkdir(place);
    const mount = 'mount -t tmpfs -o nr_inodes=4 tmpfs "$0" && exec "$@"';
    const under = [...unshare, "sh", "-c", mount, place];
    const run = await runTask(workspace, "tool", { TMPDIR: place }, under);
    const problem = "task communication failed: no channel could be opened";
    expect({ exitCode: run.exitCode, output: run.output }).toEqual({
      exitCode: 0,
      output: [expect.stringContaining(problem), "undefined"],
    });
    expect(run.notStored).toContain(problem);
  },
);
