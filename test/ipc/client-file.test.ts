import { expect, test } from "bun:test";
import { chmodSync, readdirSync, statSync, truncateSync } from "node:fs";
import { directoryOf, resolvePath } from "../../src/base/path.ts";
import { placeClient } from "../../src/ipc/client-file.ts";
import { ToolServer } from "../../src/ipc/server.ts";
import { temporaryDirectory } from "../harness/temporary-directory.ts";
import { toolEnvironment } from "./sample-environment.ts";

test("the client is written once, whole, where only its owner can write", async () => {
  await using directory = await temporaryDirectory();
  const path = placeClient([resolvePath(directory.path, "vt")]);
  const { mode, ino } = statSync(path);
  expect(mode & 0o022).toBe(0);
  expect(readdirSync(directoryOf(path)).sort()).toEqual(["addon.node", "client.cjs"]);
  expect(placeClient([resolvePath(directory.path, "vt")])).toBe(path);
  expect(statSync(path).ino).toBe(ino);
  truncateSync(path, 10);
  expect(placeClient([resolvePath(directory.path, "vt")])).toBe(path);
  expect(statSync(path).size).toBeGreaterThan(10);
});

test("a place where others can write is passed over", async () => {
  await using directory = await temporaryDirectory();
  const open = resolvePath(directory.path, "open/vt");
  const first = placeClient([open]);
  await Bun.file(first).delete();
  chmodSync(directoryOf(first), 0o777);
  const own = resolvePath(directory.path, "own/vt");
  expect(placeClient([open, own])).toStartWith(own);
});

/** Says what `load` returns, asks, waits for a line, and asks again. */
const script = `
const { createInterface } = require("node:readline");
const client = require(process.env.VP_RUN_NODE_CLIENT_PATH).load({ later: true });
const ask = () => JSON.stringify([
  client.getEnv("A"), client.getEnv("NONE"), client.getEnvs("A*"), client.getEnvs({ prefix: "B" }, null),
  client.ignoreInput("x"), client.ignoreOutput(""), client.disableCache(),
]);
console.log(Object.keys(client).sort().join());
console.log(ask());
createInterface(process.stdin).once("line", () => { console.log(ask()); process.exit(); });
`;

test("once vt has gone, calls do nothing", async () => {
  await using directory = await temporaryDirectory();
  const endpoint = resolvePath(directory.path, "1.sock");
  const server = new ToolServer(endpoint, toolEnvironment({ A: "é", AA: "x".repeat(10_000) }));
  const child = Bun.spawn(["node", "-e", script], {
    cwd: directory.path,
    env: {
      PATH: process.env["PATH"],
      VP_RUN_IPC_NAME: endpoint,
      VP_RUN_NODE_CLIENT_PATH: placeClient([resolvePath(directory.path, "vt")]),
    },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines = child.stdout.pipeThrough(new TextDecoderStream());
  const said: string[] = [];
  for await (const text of lines) {
    said.push(...text.split("\n").filter((line) => line !== ""));
    if (said.length !== 2) continue;
    expect(await server.finish()).toMatchObject({
      ignoredInputs: [resolvePath(directory.path, "x")],
      ignoredOutputs: [directory.path],
      isUncacheable: true,
      problem: undefined,
    });
    server[Symbol.dispose]();
    child.stdin.write("go\n");
    await child.stdin.flush();
  }
  const all = { A: "é", AA: "x".repeat(10_000) };
  expect(said).toEqual([
    "disableCache,getEnv,getEnvs,ignoreInput,ignoreOutput",
    JSON.stringify(["é", undefined, all, {}, undefined, undefined, undefined]),
    JSON.stringify([undefined, undefined, {}, {}, undefined, undefined, undefined]),
  ]);
});

test("who calls wrongly is told by a TypeError, and where nobody listens loading fails", async () => {
  await using directory = await temporaryDirectory();
  const endpoint = resolvePath(directory.path, "1.sock");
  using _ = new ToolServer(endpoint, toolEnvironment({}));
  const calls = ["getEnv(1)", "getEnvs({})", "ignoreInput()", 'getEnv("A", { tracked: 1 })'];
  const wrong = `
    const { load } = require(process.env.VP_RUN_NODE_CLIENT_PATH);
    const c = load();
    const told = (call) => { try { call(); } catch (error) { console.log(error.name + ": " + error.message); } };
    ${calls.map((call) => `told(() => c.${call});`).join("\n")}
    told(() => c.getEnv("x".repeat(70000)));
    delete process.env.VP_RUN_IPC_NAME;
    told(load);
    process.env.VP_RUN_IPC_NAME = "/nowhere";
    told(load);`;
  const client = placeClient([resolvePath(directory.path, "vt")]);
  const child = Bun.spawn(["node", "-e", wrong], {
    env: { PATH: process.env["PATH"], VP_RUN_IPC_NAME: endpoint, VP_RUN_NODE_CLIENT_PATH: client },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const text = await new Response(child.stdout).text();
  expect(text.trim().split("\n")).toEqual([
    "TypeError: getEnv: expected a name, got number",
    "TypeError: getEnvs: expected a pattern or { prefix }, got object",
    "TypeError: ignoreInput: expected a path, got undefined",
    "TypeError: getEnv: expected true or false for `tracked`, got number",
    "RangeError: getEnv: more than 65536 bytes for the task runner",
    "Error: VP_RUN_IPC_NAME is not set: no task runner is listening",
    "Error: no task runner is listening on /nowhere: error 2",
  ]);
});
