"use strict";
/*
 * The client that a task's own process loads: the file that VP_RUN_NODE_CLIENT_PATH names, as plain
 * CommonJS for Node, Bun and Deno. `docs/runner-aware-tools.md` describes both what it offers and
 * what it says on the wire; `protocol.ts` is the other end. Every call is synchronous, since a tool
 * asks in the middle of something.
 *
 * A call throws only for what its caller got wrong. When vt has gone away, calls do nothing.
 */
const path = require("node:path");
const process = require("node:process");
const addon = require("./addon.node");

const version = 1;
const headBytes = 4;
const frameBytesMax = 64 * 1024;

/**
 * Connects to the runner. Throws when no runner is listening, which is the normal case outside of a
 * cached task. `options` is for what later versions may offer.
 */
function load(_options) {
  const endpoint = process.env.VP_RUN_IPC_NAME;
  if (!endpoint) throw new Error("VP_RUN_IPC_NAME is not set: no task runner is listening");
  const connection = addon.connect(endpoint);
  if (typeof connection === "number") {
    throw new Error(`no task runner is listening on ${endpoint}: error ${-connection}`);
  }
  const ask = createAsk(connection);
  return {
    ignoreInput: (target) => {
      ask({ call: "ignoreInput", path: absolute("ignoreInput", target) });
    },
    ignoreOutput: (target) => {
      ask({ call: "ignoreOutput", path: absolute("ignoreOutput", target) });
    },
    disableCache: () => {
      // Vitest runs its tests in a development server of Vite, and Vite asks this for every one of
      // those. A test run ends, and its result is as good as what it read.
      if (process.env.VITEST === undefined) ask({ call: "disableCache" });
    },
    getEnv: (name, options) => {
      if (typeof name !== "string") throw wrongType("getEnv", "a name", name);
      const reply = ask({ call: "getEnv", name, tracked: isTracked("getEnv", options) });
      return reply.value ?? undefined;
    },
    getEnvs: (query, options) => {
      const tracked = isTracked("getEnvs", options);
      const reply = ask({ call: "getEnvs", ...readQuery(query), tracked });
      return reply.values ?? {};
    },
  };
}

/**
 * One request and its reply at a time; an empty reply once the connection is lost. The greeting is sent
 * at once, and its reply read with the first request's: whoever loads the client waits for nothing.
 */
function createAsk(connection) {
  let buffer = Buffer.allocUnsafe(4096);
  let isGreeted = false;
  const reserve = (length) => {
    if (length <= buffer.length) return;
    const larger = Buffer.allocUnsafe(length);
    buffer.copy(larger);
    buffer = larger;
  };
  /** How many bytes there are, at least `wanted`; fewer when the connection is lost. */
  const receive = (have, wanted) => {
    reserve(wanted);
    return have >= wanted ? have : addon.receive(connection, buffer, have, wanted);
  };
  const didSend = (request) => {
    const text = JSON.stringify(request);
    const length = Buffer.byteLength(text);
    if (length > frameBytesMax) {
      throw new RangeError(`${request.call}: more than ${frameBytesMax} bytes for the task runner`);
    }
    reserve(headBytes + length);
    buffer.writeUInt32LE(length, 0);
    buffer.write(text, headBytes);
    return addon.send(connection, buffer, headBytes + length) === 0;
  };
  /** Not a byte more than its own, since another reply follows. */
  const didReadGreeting = () => {
    const head = buffer.subarray(0, headBytes);
    if (addon.receive(connection, head, 0, headBytes) < headBytes) return false;
    const length = head.readUInt32LE(0);
    return addon.receive(connection, Buffer.allocUnsafe(length), 0, length) === length;
  };
  let isLost = !didSend({ call: "hello", version });
  return (request) => {
    if (isLost) return {};
    isLost = !(didSend(request) && (isGreeted || didReadGreeting()));
    isGreeted = true;
    const have = isLost ? 0 : receive(0, headBytes);
    isLost = have < headBytes;
    const end = isLost ? 0 : headBytes + buffer.readUInt32LE(0);
    isLost = isLost || receive(have, end) < end;
    if (isLost) return {};
    const reply = JSON.parse(buffer.toString("utf8", headBytes, end));
    if (reply.error !== undefined) throw new Error(`${request.call}: ${reply.error}`);
    return reply;
  };
}

/** Relative to where the process is now, which may not be where it began. */
function absolute(call, target) {
  if (typeof target !== "string") throw wrongType(call, "a path", target);
  return path.resolve(target);
}

function readQuery(query) {
  if (typeof query === "string") return { glob: query };
  if (typeof query?.prefix === "string") return { prefix: query.prefix };
  throw wrongType("getEnvs", "a pattern or { prefix }", query);
}

function isTracked(call, options) {
  const tracked = options?.tracked ?? true;
  if (typeof tracked !== "boolean") throw wrongType(call, "true or false for `tracked`", tracked);
  return tracked;
}

function wrongType(call, expected, given) {
  return new TypeError(
    `${call}: expected ${expected}, got ${given === null ? "null" : typeof given}`,
  );
}

module.exports = { load };
