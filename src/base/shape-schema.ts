import type { Shape } from "./schema.ts";

/** Part of a JSON Schema, draft 7, which every editor understands. */
export type JsonSchema = { readonly [keyword: string]: unknown };

/** The JSON Schema that accepts what `findShapeProblem` does. */
export function toJsonSchema(shape: Shape): JsonSchema {
  const schema = schemaOf(shape);
  return shape.about === undefined ? schema : { description: shape.about, ...schema };
}

function schemaOf(shape: Shape): JsonSchema {
  switch (shape.kind) {
    case "nothing":
      return { type: "null" };
    case "boolean":
      return { type: "boolean" };
    case "text":
      return { type: "string" };
    case "choice":
      return { enum: shape.values };
    case "list":
      return {
        type: "array",
        items: toJsonSchema(shape.items),
        ...(shape.isNeverEmpty && { minItems: 1 }),
      };
    case "map":
      return { type: "object", additionalProperties: toJsonSchema(shape.values) };
    case "object": {
      const fields = Object.entries(shape.fields);
      return {
        type: "object",
        properties: Object.fromEntries(fields.map(([name, field]) => [name, toJsonSchema(field)])),
        ...(shape.required !== undefined && { required: shape.required }),
        ...(!shape.isOpen && { additionalProperties: false }),
      };
    }
    case "either":
      return { anyOf: shape.shapes.map(toJsonSchema) };
  }
}
