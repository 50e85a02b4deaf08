import { expect, expectTypeOf, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv } from "ajv";
import {
  type Arbitrary,
  array,
  assert as assertProperty,
  boolean,
  constant,
  constantFrom,
  dictionary,
  oneof,
  property,
  record,
} from "fast-check";
import type { ViteTaskConfig } from "../../schema/vite-task.d.ts";
import type { Data } from "../../src/base/json-reader.ts";
import { findShapeProblem, type Shape } from "../../src/base/schema.ts";
import { configJsonSchema, configTypes } from "../../src/task/config-documents.ts";
import { type ConfigData, configShape } from "../../src/task/config-schema.ts";

const directory = join(import.meta.dir, "../../schema");
const published = (name: string): string => readFileSync(join(directory, name), "utf8");

test("what editors read is what the validator works from; `npm run schema` writes it", () => {
  expect(published("vite-task.schema.json")).toBe(configJsonSchema());
  expect(published("vite-task.d.ts")).toBe(configTypes());
});

test("the published type is the validator's", () => {
  expectTypeOf<ViteTaskConfig>().toExtend<ConfigData>();
  expectTypeOf<ConfigData>().toExtend<ViteTaskConfig>();
});

const wrong: readonly Data[] = [true, null, 1, "x", [], {}, ["x"], [1], { x: "x" }];

/** A value of the shape, but for a wrong part in every few places. */
function anyValueOf(shape: Shape): Arbitrary<Data> {
  return oneof(
    { arbitrary: rightValueOf(shape), weight: 24 },
    { arbitrary: constantFrom(...wrong), weight: 1 },
  );
}

function rightValueOf(shape: Shape): Arbitrary<Data> {
  switch (shape.kind) {
    case "nothing":
      return constant(null);
    case "boolean":
      return boolean();
    case "text":
      return constantFrom("", "x", "a b", "!x");
    case "choice":
      return constantFrom(...shape.values);
    case "list":
      return array(anyValueOf(shape.items), { maxLength: 3 });
    case "map":
      return dictionary(constantFrom("a", "b#c", "__proto__"), anyValueOf(shape.values), {
        maxKeys: 2,
      });
    case "object":
      return objectOf(shape);
    case "either":
      return oneof(...shape.shapes.map(rightValueOf));
  }
}

function objectOf(shape: Extract<Shape, { readonly kind: "object" }>): Arbitrary<Data> {
  const fields = Object.entries(shape.fields).map(([name, field]) => [name, anyValueOf(field)]);
  const required = (shape.required ?? []).filter((name) => name !== "from");
  const model: Record<string, Arbitrary<Data>> = {
    ...Object.fromEntries(fields),
    unknown: constant(1),
  };
  return record(model, { requiredKeys: required }).chain((object) =>
    // Rarely with the field that nobody knows.
    constantFrom(true, true, true, true, false).map((isKnown) => {
      const { unknown, ...known } = object;
      return isKnown || unknown === undefined ? known : { ...known, unknown };
    }),
  );
}

test("the JSON Schema accepts what the validator accepts, and nothing else", async () => {
  const validate = new Ajv({ strict: false }).compile(JSON.parse(configJsonSchema()));
  const tally = { accepted: 0, refused: 0 };
  await assertProperty(
    property(anyValueOf(configShape), (data) => {
      const isAccepted = findShapeProblem(data, configShape) === undefined;
      tally[isAccepted ? "accepted" : "refused"] += 1;
      expect(validate(data)).toBe(isAccepted);
    }),
    { numRuns: 5000, seed: 20_261_121 },
  );
  expect(tally.accepted).toBeGreaterThan(500);
  expect(tally.refused).toBeGreaterThan(500);
});
