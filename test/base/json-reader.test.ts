import { expect, test } from "bun:test";
import { type JsonOffsets, readJson } from "../../src/base/json-reader.ts";

const texts = [
  "{}",
  "[]",
  " [1, -2.5e+3, 0, true, false, null] ",
  '{"a":{"b":[{}]},"":"\\u00e9\\n\\"\\\\"}',
  '"\\ud83d\\ude00"',
  '{"__proto__":{"x":1}}',
  '{"a":1,"a":2}',
  "\r\n\t{}\r\n",
  '"\u2028"',
  "1E2",
];

test.each(texts)("%j is read as the engine reads it", (text) => {
  expect(readJson(text, "json")).toEqual(JSON.parse(text));
});

const broken = [
  "",
  "{",
  "[1,]",
  "01",
  "+1",
  ".5",
  "1.",
  "'a'",
  '"\\x"',
  "nul",
  "[1 2]",
  "{}}",
  "\u00a0{}",
];

test.each(broken)("%j is refused, as the engine does", (text) => {
  expect(() => JSON.parse(text)).toThrow();
  expect(() => readJson(text, "json")).toThrow();
});

test("comments and trailing commas are read where they are allowed", () => {
  const text = '// a\n{ /* b */ "a": [1, 2,], // c\n "b": "// no", /**/ }\n/* d */';
  expect(readJson(text, "jsonc")).toEqual({ a: [1, 2], b: "// no" });
  expect(() => readJson(text, "json")).toThrow();
});

test("positions are those of keys and values", () => {
  const text = '{ "a": [10, { "b": 20 }] }';
  const offsets: JsonOffsets = new Map();
  const data = readJson(text, "json", offsets);
  if (typeof data !== "object" || data === null) throw new Error("no object");
  expect(offsets.get(data)?.get("a")).toEqual({
    key: text.indexOf('"a"'),
    value: text.indexOf("["),
  });
});
