// Does what `actions.json` says, in the place that it names, through the client that tools have from npm.
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { isMainThread, Worker } from "node:worker_threads";
import {
  disableCache,
  getEnv,
  getEnvs,
  ignoreInput,
  ignoreOutput,
} from "@voidzero-dev/vite-task-client";

const client = { disableCache, getEnv, getEnvs, ignoreInput, ignoreOutput };

const file = fileURLToPath(import.meta.url);
const { place, actions } = JSON.parse(readFileSync("actions.json", "utf8"));

if (place === "worker" && isMainThread) {
  new Worker(new URL(import.meta.url)).on("error", fail);
} else if (place === "child" && process.argv[2] !== "inner") {
  const flags = globalThis.Deno ? ["run", "-A"] : [];
  const inner = spawnSync(process.execPath, [...flags, file, "inner"], { stdio: "inherit" });
  process.exitCode = inner.status;
} else {
  for (const action of actions) act(action);
}

function act([name, ...args]) {
  if (name === "chdir") process.chdir(args[0]);
  else if (name === "read") readFileSync(args[0]);
  else if (name === "write") write(args[0], args[1] ?? `${process.hrtime.bigint()}`);
  else say(client[name](...args));
}

function say(value) {
  process.stdout.write(`${value === undefined ? "undefined" : JSON.stringify(value)}\n`);
}

function write(path, text) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

function fail(error) {
  process.stderr.write(`${error}\n`);
  process.exitCode = 1;
}
