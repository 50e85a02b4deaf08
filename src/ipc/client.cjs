"use strict";
/*
 * The client that a task's own process loads: the file that VP_RUN_NODE_CLIENT_PATH names, as plain
 * CommonJS for Node, Bun and Deno. `docs/runner-aware-tools.md` describes both what it offers and
 * what it says on the wire; `protocol.ts` is the other end. Every call is synchronous, since a tool
 * asks in the middle of something.
 *
 * A call throws only for what its caller got wrong. When vt has gone away, calls do nothing.
 *
 * It is loaded in every process of a tool, so it must cost next to nothing: what Node compiles when it is
 * first used (`node:path`, all of `Buffer`) is left alone until it is needed, and the addon is opened
 * directly, since a second `require` costs more than the rest of this file.
 */
const opened = { exports: {} };
process.dlopen(opened, `${__dirname}/addon.node`);
const addon = opened.exports;

const version = 1;

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
      if (process.env.VITEST !== undefined) return;
      const disable = () => ask({ call: "disableCache" });
      if (isForIdleServer()) beforeListening(disable);
      else disable();
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
  let isGreeted = false;
  let isLost = addon.send(connection, JSON.stringify({ call: "hello", version })) !== 0;
  return (request) => {
    if (isLost) return {};
    const sent = addon.send(connection, JSON.stringify(request));
    if (sent > 0)
      throw new RangeError(`${request.call}: more than ${sent} bytes for the task runner`);
    isLost = sent < 0 || (!isGreeted && typeof addon.receive(connection) === "number");
    isGreeted = true;
    const text = isLost ? 0 : addon.receive(connection);
    isLost = typeof text === "number";
    if (isLost) return {};
    const reply = JSON.parse(text);
    if (reply.error !== undefined) throw new Error(`${request.call}: ${reply.error}`);
    return reply;
  };
}

/**
 * Whether Vite asks for a development server that nobody can reach so far. Frameworks make one in a build, to
 * load modules with (Astro); it never listens, and the build is as good as what it read. The
 * name is that of Vite's function; with another name, or elsewhere than in Node, the word is taken at once.
 */
function isForIdleServer() {
  const { bun, deno } = process.versions;
  if (bun !== undefined || deno !== undefined) return false;
  // Vite may be there to serve pages for a server that listens already.
  if (process.getActiveResourcesInfo().includes("TCPServerWrap")) return false;
  return /\bat (?:async )?_createServer\b/.test(new Error("who asks?").stack);
}

/** Calls `act` as soon as anything in this process is to listen. */
function beforeListening(act) {
  const { prototype } = require("node:net").Server;
  const { listen } = prototype;
  prototype.listen = function (...args) {
    act();
    return listen.apply(this, args);
  };
}

/** Relative to where the process is now, which may not be where it began. */
function absolute(call, target) {
  if (typeof target !== "string") throw wrongType(call, "a path", target);
  return require("node:path").resolve(target);
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
