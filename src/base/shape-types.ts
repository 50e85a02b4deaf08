import type { Shape } from "./schema.ts";

/** The TypeScript type of the values that have a shape, indented by `indent`. */
export function toTypeScript(shape: Shape, indent = ""): string {
  switch (shape.kind) {
    case "nothing":
      return "null";
    case "boolean":
      return "boolean";
    case "text":
      return "string";
    case "choice":
      return shape.values.map((value) => JSON.stringify(value)).join(" | ");
    case "list":
      return `readonly ${parenthesize(toTypeScript(shape.items, indent))}[]`;
    case "map":
      return `{ readonly [name: string]: ${toTypeScript(shape.values, indent)} }`;
    case "object": {
      const inner = `${indent}  `;
      const fields = Object.entries(shape.fields).map(([name, field]) => {
        const mark = shape.required?.includes(name) ? "" : "?";
        const type = toTypeScript(field, inner);
        return `${describe(field, inner)}${inner}readonly ${name}${mark}: ${type};\n`;
      });
      return `{\n${fields.join("")}${indent}}`;
    }
    case "either":
      return shape.shapes.map((option) => toTypeScript(option, indent)).join(" | ");
  }
}

function parenthesize(type: string): string {
  return type.includes(" | ") ? `(${type})` : type;
}

function describe({ about }: Shape, indent: string): string {
  return about === undefined ? "" : `${indent}/** ${about.replaceAll("*/", "*\\/")} */\n`;
}
