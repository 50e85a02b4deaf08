import type { Problem } from "./document.ts";
import type { Data, DataObject } from "./json-reader.ts";
import { suggest } from "./nearest.ts";

/**
 * What a value may be, as data: one table checks documents, gives its type to the program
 * (`ValueOf`), and can be printed for editors and people.
 */
export type Shape = (
  | { readonly kind: "nothing" }
  | { readonly kind: "boolean" }
  | { readonly kind: "text" }
  | { readonly kind: "choice"; readonly values: readonly string[] }
  | { readonly kind: "list"; readonly items: Shape; readonly isNeverEmpty?: true }
  | { readonly kind: "map"; readonly values: Shape }
  | {
      readonly kind: "object";
      readonly fields: Readonly<Record<string, Shape>>;
      readonly required?: readonly string[];
      /** Unknown fields are fine. */
      readonly isOpen?: true;
    }
  /** Of several objects, the one that shares a field with the value is meant. */
  | { readonly kind: "either"; readonly shapes: readonly Shape[] }
) & {
  /** What it is for, for a person who writes such a document. */
  readonly about?: string;
};

/** The type of the values that have a shape. Write the shape `as const`. */
export type ValueOf<S> = S extends { kind: "nothing" }
  ? null
  : S extends { kind: "boolean" }
    ? boolean
    : S extends { kind: "text" }
      ? string
      : S extends { kind: "choice"; values: readonly (infer Value)[] }
        ? Value
        : S extends { kind: "list"; items: infer Item }
          ? readonly ValueOf<Item>[]
          : S extends { kind: "map"; values: infer Value }
            ? { readonly [key: string]: ValueOf<Value> }
            : S extends { kind: "either"; shapes: readonly (infer Option)[] }
              ? Option extends unknown
                ? ValueOf<Option>
                : never
              : S extends {
                    kind: "object";
                    fields: infer Fields;
                    required: readonly (infer Name)[];
                  }
                ? { readonly [K in keyof Fields & Name]: ValueOf<Fields[K]> } & {
                    readonly [K in Exclude<keyof Fields, Name>]?: ValueOf<Fields[K]>;
                  }
                : S extends { kind: "object"; fields: infer Fields }
                  ? { readonly [K in keyof Fields]?: ValueOf<Fields[K]> }
                  : never;

/** The first thing in `data` that is not as the shape has it; its field starts at `data`. */
export function findShapeProblem(data: Data, shape: Shape): Problem | undefined {
  switch (shape.kind) {
    case "either":
      return findEitherProblem(data, shape);
    case "list":
      if (!isList(data)) return wrongKind(data, shape);
      if (data.length === 0 && shape.isNeverEmpty) return problem("must not be empty");
      return findListProblem(data, shape.items);
    case "map":
      if (!isObject(data)) return wrongKind(data, shape);
      for (const key of Object.keys(data)) {
        const found = findShapeProblem(data[key] ?? null, shape.values);
        if (found !== undefined) return below(key, found);
      }
      return undefined;
    case "object":
      return isObject(data) ? findObjectProblem(data, shape) : wrongKind(data, shape);
    default:
      return isOfKind(data, shape) ? undefined : wrongKind(data, shape);
  }
}

function findListProblem(data: readonly Data[], items: Shape): Problem | undefined {
  let index = 0;
  for (const item of data) {
    const found = findShapeProblem(item, items);
    if (found !== undefined) return below(index, found);
    index += 1;
  }
  return undefined;
}

function findObjectProblem(
  data: DataObject,
  { fields, required = [], isOpen }: Extract<Shape, { kind: "object" }>,
): Problem | undefined {
  for (const key of Object.keys(data)) {
    const shape = Object.hasOwn(fields, key) ? fields[key] : undefined;
    if (shape === undefined && isOpen) continue;
    const found = shape ? findShapeProblem(data[key] ?? null, shape) : unknownField(key, fields);
    if (found !== undefined) return below(key, found);
  }
  for (const name of required)
    if (!Object.hasOwn(data, name)) return problem(`lacks the field \`${name}\``);
  return undefined;
}

function unknownField(key: string, fields: Readonly<Record<string, Shape>>): Problem {
  const names = Object.keys(fields);
  const expected = names.map((name) => `\`${name}\``).join(", ");
  return {
    field: [],
    part: "key",
    message: `is not a known field; expected one of ${expected}`,
    hint: suggest(key, names),
  };
}

function findEitherProblem(
  data: Data,
  either: Extract<Shape, { kind: "either" }>,
): Problem | undefined {
  let meant: Shape | undefined;
  for (const shape of either.shapes) {
    if (!isOfKind(data, shape)) continue;
    meant ??= shape;
    if (isObject(data) && shape.kind === "object" && hasAnyField(data, shape.fields)) {
      meant = shape;
      break;
    }
  }
  return meant === undefined ? wrongKind(data, either) : findShapeProblem(data, meant);
}

function below(step: string | number, found: Problem): Problem {
  return { ...found, field: [step, ...found.field] };
}

function isOfKind(data: Data, shape: Shape): boolean {
  switch (shape.kind) {
    case "nothing":
      return data === null;
    case "boolean":
      return typeof data === "boolean";
    case "text":
      return typeof data === "string";
    case "choice":
      return typeof data === "string" && shape.values.includes(data);
    case "list":
      return isList(data);
    case "map":
    case "object":
      return isObject(data);
    case "either": {
      for (const option of shape.shapes) if (isOfKind(data, option)) return true;
      return false;
    }
  }
}

function wrongKind(data: Data, shape: Shape): Problem {
  const values = choicesOf(shape);
  const hint = typeof data === "string" ? suggest(data, values) : undefined;
  const message = `must be ${describeShape(shape)}, not ${describeData(data)}`;
  return { field: [], part: "value", message, hint };
}

function choicesOf(shape: Shape): readonly string[] {
  if (shape.kind === "choice") return shape.values;
  return shape.kind === "either" ? shape.shapes.flatMap(choicesOf) : [];
}

/** "a string or a list of strings" */
function describeShape(shape: Shape): string {
  switch (shape.kind) {
    case "nothing":
      return "empty";
    case "boolean":
      return "true or false";
    case "text":
      return "a string";
    case "choice":
      return shape.values.map((value) => JSON.stringify(value)).join(" or ");
    case "list":
      return shape.items.kind === "text" ? "a list of strings" : "a list";
    case "map":
    case "object":
      return "an object";
    case "either":
      return [...new Set(shape.shapes.map(describeShape))].join(" or ");
  }
}

function describeData(data: Data): string {
  if (data === null) return "null";
  if (isList(data)) return "a list";
  if (typeof data === "object") return "an object";
  if (typeof data !== "string") return String(data);
  return data.length > 40 ? "a long string" : `the string ${JSON.stringify(data)}`;
}

function problem(message: string): Problem {
  return { field: [], part: "value", message };
}

function isList(data: Data): data is readonly Data[] {
  return Array.isArray(data);
}

function isObject(data: Data): data is DataObject {
  return typeof data === "object" && data !== null && !Array.isArray(data);
}

function hasAnyField(data: DataObject, fields: Readonly<Record<string, Shape>>): boolean {
  return Object.keys(data).some((key) => Object.hasOwn(fields, key));
}
