import { describe, expect, test } from "bun:test";
import { absolutePath } from "../../src/base/path.ts";
import {
  BrokenConversation,
  encodeFrame,
  InvalidRequest,
  parseRequest,
  splitFrame,
} from "../../src/ipc/protocol.ts";

const parse = (fields: object): unknown => parseRequest(Buffer.from(JSON.stringify(fields)));

describe("a request means what it says", () => {
  test.each([
    [{ call: "hello", version: 1 }, { call: "hello" }],
    [{ call: "disableCache", later: "unknown" }, { call: "disableCache" }],
    [
      { call: "ignoreInput", path: "/a/./b/../c/" },
      { call: "ignoreInput", path: absolutePath("/a/c") },
    ],
    [
      { call: "ignoreOutput", path: "/a/\udcff" },
      { call: "ignoreOutput", path: absolutePath("/a/\udcff") },
    ],
    [
      { call: "getEnv", name: "A" },
      { call: "getEnv", name: "A", isTracked: true },
    ],
    [
      { call: "getEnvs", glob: "A*", tracked: false },
      { call: "getEnvs", query: { kind: "glob", pattern: "A*" }, isTracked: false },
    ],
    [
      { call: "getEnvs", prefix: "[" },
      { call: "getEnvs", query: { kind: "prefix", prefix: "[" }, isTracked: true },
    ],
  ])("%j", (fields, expected) => {
    expect(parse(fields)).toEqual(expected);
  });
});

describe("a request that means nothing is refused with what is wrong", () => {
  test.each([
    [{}, "there is no call nothing"],
    [{ call: "stop" }, 'there is no call "stop"'],
    [{ call: "ignoreInput" }, "not an absolute path: nothing"],
    [{ call: "ignoreInput", path: "a" }, 'not an absolute path: "a"'],
    [{ call: "ignoreInput", path: "/a\0b" }, 'not an absolute path: "/a\\u0000b"'],
    [
      { call: "ignoreInput", path: "/a".repeat(2048) },
      `a path of more than 4095 bytes: "${"/a".repeat(39)}/…`,
    ],
    [{ call: "getEnv", name: 1 }, "`name` must be text, not 1"],
    [{ call: "getEnv", name: "\ud800" }, '`name` must be text, not "\\ud800"'],
    [{ call: "getEnv", name: "A", tracked: "no" }, '`tracked` must be true or false, not "no"'],
    [{ call: "getEnvs" }, "`glob` must be text, not nothing"],
    [
      { call: "getEnvs", glob: "[z-a]" },
      'the pattern "[z-a]" is invalid: `[z-a]` is a range that runs backwards',
    ],
  ])("%j", (fields, message) => {
    expect(() => parse(fields)).toThrow(new InvalidRequest(message));
  });
});

test("frames come out of bytes as they went in, whatever the pieces", () => {
  const requests = [{ call: "disableCache" }, { call: "getEnv", name: "é".repeat(300) }] as const;
  const all = Buffer.concat(requests.map(encodeFrame));
  for (let end = 0; end < all.length; end++) {
    const first = splitFrame(all.subarray(0, end), 1000);
    if (first === undefined) continue;
    expect(JSON.parse(first.body.toString())).toEqual(requests[0]);
    expect(splitFrame(first.rest, 1000)).toBeUndefined();
  }
  const [first, second] = [
    splitFrame(all, 1000),
    splitFrame(splitFrame(all, 1000)?.rest ?? all, 1000),
  ];
  expect([first, second].map((frame) => JSON.parse(frame?.body.toString() ?? ""))).toEqual([
    ...requests,
  ]);
});

test("a frame is refused as soon as its length is known", () => {
  expect(() => splitFrame(Buffer.of(0, 0, 1, 0), 65_535)).toThrow(BrokenConversation);
});

test("no bytes make a request throw anything else than what is told to the tool", () => {
  const samples = [
    '{"call":"hello","version":1}',
    '{"call":"ignoreInput","path":"/a"}',
    '{"call":"getEnv","name":"A","tracked":true}',
    '{"call":"getEnvs","glob":"A[a-z]*"}',
    '{"call":"getEnvs","prefix":"A"}',
  ].map((text) => Buffer.from(text));
  let state = 7;
  const random = (limit: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return (state >>> 8) % limit;
  };
  for (let round = 0; round < 20_000; round++) {
    const bytes = Buffer.from(samples[random(samples.length)] ?? "");
    for (let change = random(4); change >= 0; change--)
      bytes[random(bytes.length)] = random(3) === 0 ? random(256) : 0x20 + random(96);
    try {
      parseRequest(bytes);
    } catch (error) {
      const isTold = error instanceof InvalidRequest || error instanceof BrokenConversation;
      if (!isTold) throw new Error(`thrown by ${bytes.toString("latin1")}`, { cause: error });
    }
  }
});
