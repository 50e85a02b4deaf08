"use strict";
// Asks a server that listens on VP_RUN_IPC_NAME, one question after the other: through the client that
// tools load, or (`echo`) bytes of the same size through the same addon. Prints each round trip, in
// nanoseconds, as JSON.
const { join, dirname } = require("node:path");
const process = require("node:process");

const [, , kind, count] = process.argv;
const path = process.env.VP_RUN_NODE_CLIENT_PATH;
const started = process.hrtime.bigint();
const ask = kind === "echo" ? createEcho() : createQuestion();
ask();
const firstAnswer = process.hrtime.bigint() - started;
for (let index = 0; index < 1000; index++) ask(); // Until the code is compiled.
const times = [];
for (let index = 0; index < Number(count); index++) {
  const before = process.hrtime.bigint();
  ask();
  times.push(Number(process.hrtime.bigint() - before));
}
process.stdout.write(JSON.stringify({ firstAnswer: Number(firstAnswer), times }));

function createQuestion() {
  const client = require(path).load();
  return () => client.getEnv("NODE_ENV");
}

function createEcho() {
  const addon = require(join(dirname(path), "addon.node"));
  const connection = addon.connect(process.env.VP_RUN_IPC_NAME);
  const text = "x".repeat(48);
  return () => {
    addon.send(connection, text);
    addon.receive(connection);
  };
}
