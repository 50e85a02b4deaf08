import { expect, test } from "bun:test";
import fc from "fast-check";
import {
  type DocumentSource,
  describeField,
  type FieldPath,
  locate,
  parseJson,
  parseJsonc,
  parseYaml,
} from "../../src/base/document.ts";
import { readJson } from "../../src/base/json-reader.ts";
import { absolutePath } from "../../src/base/path.ts";

function source(text: string): DocumentSource {
  return { path: absolutePath("/w/f"), bytes: Buffer.from(text), code: "config-invalid" };
}

const yaml: Readonly<Record<string, readonly [text: string, data: unknown]>> = {
  "an empty file": ["", null],
  "a comment": ["# nothing\n", null],
  "a byte order mark": ["\ufeffa: 1\n", { a: 1 }],
  "quoted and bare patterns": [
    "packages:\n- 'a/*'\n- b/*\n- \"!c\"\n",
    { packages: ["a/*", "b/*", "!c"] },
  ],
  "a flow list": ["packages: [a, 'b']", { packages: ["a", "b"] }],
  anchors: ["a: &x [1]\nb: *x\n", { a: [1], b: [1] }],
  "a document marker": ["---\na: 1\n", { a: 1 }],
  "words that look like booleans": ["a: yes\nb: no\n", { a: "yes", b: "no" }],
};

test.each(Object.entries(yaml))("YAML with %s is read", async (_what, [text, data]) => {
  expect(await parseYaml(source(text), () => undefined)).toEqual(data as never);
});

test("an alias bomb is refused before it goes off", async () => {
  const lines = Array.from({ length: 30 }, (_, at) => `l${at + 1}: &l${at + 1} [*l${at}, *l${at}]`);
  const bomb = source(`l0: &l0 x\n${lines.join("\n")}\n`);
  expect(parseYaml(bomb, () => undefined)).rejects.toThrow("Excessive alias count");
});

test("a byte order mark before JSON is no error", () => {
  expect(parseJson(source('\ufeff{"a":1}')).data).toEqual({ a: 1 });
  expect(parseJsonc(source("\ufeff{} // x")).data).toEqual({});
});

test("of a repeated key in plain JSON the last one counts, as for npm", () => {
  expect(parseJson(source('{"a":1,"a":2}')).data).toEqual({ a: 2 });
});

const places: readonly (readonly [FieldPath, part: "key" | "value", place: string])[] = [
  [[], "value", "1:1"],
  [["a"], "key", "2:3"],
  [["a"], "value", "2:8"],
  [["a", "b", 1], "value", "3:15"],
  [["a", "gone", 7], "value", "2:8"],
];

test.each(places)("the field %j is found by its %s at %s", (field, part, place) => {
  const document = parseJsonc(source('{\n  "a": {\n    "b": [10, 20] // x\n  }\n}\n'));
  expect(locate(document, field, part)).toBe(`/w/f:${place}`);
});

test("fields are written as in JavaScript", () => {
  expect(describeField(["tasks", "a b", "input", 0, "@x/y"])).toBe('tasks["a b"].input[0].@x/y');
});

/** JSON with keys that repeat, and colons where they mean something and where they do not. */
const name = fc.constantFrom('"a"', '"b"', '"a:b"', '":"', '"\\u0061"', '"\\u003a"', '"\\""');
const { value: json } = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.constantFrom("1", "null", '"x:y"', '"\\u003a"', '""'),
    fc.array(tie("value"), { maxLength: 3 }).map((items) => `[${items.join(", ")}]`),
    fc
      .array(fc.tuple(name, tie("value")), { maxLength: 3 })
      .map((members) => `{${members.map(([key, value]) => `${key}: ${value}`).join(",")}}`),
  ),
}));

test("a configuration is read by whatever is quickest as the careful reader would read it", () => {
  const outcome = (read: () => unknown): unknown => {
    try {
      return { data: read() };
    } catch {
      return "refused";
    }
  };
  fc.assert(
    fc.property(json, (text) => {
      expect(outcome(() => parseJsonc(source(text)).data)).toEqual(
        outcome(() => readJson(text, "jsonc")),
      );
    }),
    { numRuns: 5000 },
  );
});

test.each([
  ['{"a": 1, "a": 1}', 'the key "a" is there twice'],
  ['{"a": {"b": 1, "b": ":"}}', 'the key "b" is there twice'],
  ['{"a": "\\u003a", "a": 1}', 'the key "a" is there twice'],
  [`${"[".repeat(201)}${"]".repeat(201)}`, "nested more than 200 levels deep"],
])("the configuration %j is refused", (text, message) => {
  expect(() => parseJsonc(source(text))).toThrow(message);
});
