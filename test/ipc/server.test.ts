import { describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { resolvePath } from "../../src/base/path.ts";
import { encodeFrame } from "../../src/ipc/protocol.ts";
import { ToolServer } from "../../src/ipc/server.ts";
import { temporaryDirectory } from "../harness/temporary-directory.ts";
import { connect, hello } from "./raw-client.ts";
import { toolEnvironment } from "./sample-environment.ts";

async function serve(variables: Readonly<Record<string, string>> = {}) {
  const directory = await temporaryDirectory();
  const endpoint = resolvePath(directory.path, "1.sock");
  const told: string[] = [];
  const server = new ToolServer(endpoint, toolEnvironment(variables), (problem) =>
    told.push(problem),
  );
  return {
    endpoint,
    server,
    told,
    [Symbol.asyncDispose]: async () => {
      server[Symbol.dispose]();
      await directory[Symbol.asyncDispose]();
    },
  };
}

const ignore = (path: string): Buffer => encodeFrame({ call: "ignoreInput", path });

test("what several clients say at once comes together", async () => {
  await using place = await serve({ A: "1" });
  const clients = await Promise.all(Array.from({ length: 20 }, () => connect(place.endpoint)));
  await Promise.all(
    clients.map(async (client, index) => {
      expect(await client.ask({ call: "hello", version: 1 })).toEqual({ version: 1 });
      expect(await client.ask({ call: "getEnv", name: "A" })).toEqual({ value: "1" });
      expect(await client.ask({ call: "getEnv", name: "B" })).toEqual({ value: null });
      expect(await client.ask({ call: "ignoreInput", path: `/w/${index % 2}/` })).toEqual({});
    }),
  );
  const { asked, ignoredInputs, problem } = await place.server.finish();
  expect(problem).toBeUndefined();
  expect(ignoredInputs as readonly string[]).toEqual(["/w/0", "/w/1"]);
  expect(asked.singles.map(({ name }) => name)).toEqual(["A", "B"]);
  for (const client of clients) client[Symbol.dispose]();
});

test("a request that means nothing is answered with what is wrong, and the talk goes on", async () => {
  await using place = await serve({ A: "1" });
  using client = await connect(place.endpoint);
  client.send(hello);
  await client.reply();
  const wrong = [
    [{ call: "getEnvs", glob: "[" }, 'the pattern "[" is invalid: `[` without `]`'],
    [{ call: "ignoreInput", path: "a" }, 'not an absolute path: "a"'],
  ] as const;
  for (const [request, error] of wrong)
    expect(await client.ask(request as Parameters<typeof client.ask>[0])).toEqual({ error });
  expect(await client.ask({ call: "getEnv", name: "A" })).toEqual({ value: "1" });
  expect(place.told).toEqual([wrong[0][1]]);
  expect((await place.server.finish()).problem).toBe(wrong[0][1]);
});

describe("after bytes that are no messages vt says why and hangs up", () => {
  const frame = (body: Uint8Array): Buffer => {
    const head = Buffer.alloc(4);
    head.writeUInt32LE(body.length);
    return Buffer.concat([head, body]);
  };
  test.each([
    [
      "a length of 4 GiB",
      Buffer.concat([hello, Buffer.of(255, 255, 255, 255)]),
      "a frame of 4294967295 bytes, more than 65536",
    ],
    [
      "bytes that are no UTF-8",
      Buffer.concat([hello, frame(Buffer.of(0x22, 0xff, 0x22))]),
      "a message that is no JSON in UTF-8",
    ],
    [
      "JSON that is no object",
      Buffer.concat([hello, frame(Buffer.from("[1]"))]),
      "a message that is no JSON object",
    ],
    ["no greeting", ignore("/a"), "a message before the greeting"],
    [
      "another version",
      frame(Buffer.from('{"call":"hello","version":2}')),
      "this vt speaks version 1 with tools, not 2",
    ],
  ])("%s", async (_, bytes, problem) => {
    await using place = await serve();
    using client = await connect(place.endpoint);
    client.send(bytes);
    let reply = await client.reply();
    if (reply.version !== undefined) reply = await client.reply();
    expect(reply).toEqual({ error: problem });
    await client.closed;
    expect((await place.server.finish()).problem).toBe(problem);
  });
});

test("what was sent before the end counts, also from a client that is gone or never closes", async () => {
  await using place = await serve();
  using stays = await connect(place.endpoint);
  const leaves = await connect(place.endpoint);
  stays.send(Buffer.concat([hello, ignore("/stays")]));
  leaves.send(Buffer.concat([hello, ignore("/leaves")]));
  leaves[Symbol.dispose]();
  const { ignoredInputs, problem } = await place.server.finish();
  expect(problem).toBeUndefined();
  expect(ignoredInputs as readonly string[]).toEqual(["/leaves", "/stays"]);
});

test("callers who waited at the door when the step ended are still heard", async () => {
  await using place = await serve();
  const script = `
    const { hello, ignores } = JSON.parse(process.argv[1]);
    for (const ignore of ignores) {
      const socket = await Bun.connect({ unix: ${JSON.stringify(place.endpoint)}, socket: { data() {} } });
      socket.write(Buffer.concat([Buffer.from(hello, "hex"), Buffer.from(ignore, "hex")]));
    }
    process.exit(0);`;
  const paths = Array.from({ length: 300 }, (_, index) => `/${1000 + index}`);
  const ignores = paths.map((path) => ignore(path).toString("hex"));
  const given = JSON.stringify({ hello: hello.toString("hex"), ignores });
  // Nothing can be accepted or read while this waits.
  const { exitCode } = Bun.spawnSync([process.execPath, "-e", script, given], {
    stderr: "inherit",
  });
  expect(exitCode).toBe(0);
  const { ignoredInputs, problem } = await place.server.finish();
  expect(problem).toBeUndefined();
  expect(ignoredInputs as readonly string[]).toEqual(paths);
});

test("half a message at the end is none", async () => {
  await using place = await serve();
  using client = await connect(place.endpoint);
  client.send(Buffer.concat([hello, ignore("/a"), ignore("/b").subarray(0, 20)]));
  const { ignoredInputs, problem } = await place.server.finish();
  expect(problem).toBeUndefined();
  expect(ignoredInputs as readonly string[]).toEqual(["/a"]);
});

test("after the end nobody listens, and whoever was connected is told", async () => {
  await using place = await serve();
  using client = await connect(place.endpoint);
  await place.server.finish();
  place.server[Symbol.dispose]();
  await client.closed;
  expect(existsSync(place.endpoint)).toBe(false);
  expect(connect(place.endpoint)).rejects.toThrow();
});

test("an endpoint that the task deleted does not hold up its end", async () => {
  await using place = await serve();
  using client = await connect(place.endpoint);
  await client.ask({ call: "hello", version: 1 });
  await client.ask({ call: "ignoreInput", path: "/a" });
  await Bun.file(place.endpoint).delete();
  const { ignoredInputs } = await place.server.finish();
  expect(ignoredInputs as readonly string[]).toEqual(["/a"]);
});

test("what was sent to an endpoint that was deleted before anybody was let in is not taken for all", async () => {
  await using place = await serve();
  const script = `
    const unix = ${JSON.stringify(place.endpoint)};
    const socket = await Bun.connect({ unix, socket: { data() {} } });
    socket.write(Buffer.from(process.argv[1], "hex"));
    await Bun.file(unix).delete();
    process.exit(0);`;
  const sent = Buffer.concat([hello, ignore("/a")]).toString("hex");
  // Nothing can be accepted or read while this waits.
  expect(Bun.spawnSync([process.execPath, "-e", script, sent]).exitCode).toBe(0);
  const { problem } = await place.server.finish();
  expect(problem).toBe("the messages of the task could not be read to their end");
});

test("a client that reads no replies is left to wait, the others are not", async () => {
  await using place = await serve(Object.fromEntries([["A", "a".repeat(100_000)]]));
  using deaf = await connect(place.endpoint);
  const question = encodeFrame({ call: "getEnv", name: "A" });
  // Two gigabytes of replies, if anybody made them.
  const flood = Buffer.concat([hello, ...Array.from({ length: 20_000 }, () => question)]);
  const before = process.memoryUsage.rss();
  using other = await connect(place.endpoint);
  other.send(hello);
  await other.reply();
  deaf.send(flood);
  for (let count = 0; count < 100; count++)
    expect((await other.ask({ call: "getEnv", name: "B" })).value).toBeNull();
  expect(process.memoryUsage.rss() - before).toBeLessThan(1 << 30);
});

test("more declarations than there is room for are a reason not to store", async () => {
  await using place = await serve();
  using client = await connect(place.endpoint);
  client.send(hello);
  await client.reply();
  const long = "x".repeat(4000);
  let error: string | undefined;
  for (let count = 0; error === undefined && count < 10_000; count++)
    ({ error } = await client.ask({ call: "ignoreInput", path: `/${count}/${long}` }));
  expect(error).toBe("more than 16 MiB of declarations");
  expect((await place.server.finish()).problem).toBe(error);
});

test("whatever bytes arrive, the others are served and the end comes", async () => {
  await using place = await serve({ A: "1" });
  const valid = [
    { call: "hello", version: 1 },
    { call: "getEnv", name: "A" },
    { call: "getEnvs", prefix: "" },
    { call: "ignoreInput", path: "/a" },
  ] as const;
  const random = mulberry(20261121);
  for (let round = 0; round < 300; round++) {
    const bytes = Buffer.concat(
      Array.from({ length: 1 + random(4) }, () =>
        encodeFrame(valid[random(valid.length)] ?? valid[0]),
      ),
    );
    for (let change = random(6); change > 0; change--) bytes[random(bytes.length)] = random(256);
    using client = await connect(place.endpoint);
    client.send(bytes.subarray(0, 1 + random(bytes.length)));
  }
  using client = await connect(place.endpoint);
  client.send(hello);
  await client.reply();
  expect(await client.ask({ call: "getEnv", name: "A" })).toEqual({ value: "1" });
  const { problem, asked } = await place.server.finish();
  expect(problem).toBeString();
  expect(asked.singles.map(({ name }) => name)).toContain("A");
});

test("thousands of connections at once are refused in words", async () => {
  await using place = await serve();
  const clients = [];
  for (let count = 0; count < 4200; count++) clients.push(await connect(place.endpoint));
  expect((await clients.at(-1)?.reply())?.error).toBe("more than 4096 connections at a time");
  for (const client of clients) client[Symbol.dispose]();
});

/** Whole numbers below `limit`, the same for the same seed. */
function mulberry(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
}
