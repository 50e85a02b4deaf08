import { toJsonSchema } from "../base/shape-schema.ts";
import { toTypeScript } from "../base/shape-types.ts";
import { configShape } from "./config-schema.ts";

/** The JSON Schema of `vite-task.json`, as text. */
export function configJsonSchema(): string {
  const schema = {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "vite-task.json",
    // Editors read it beside the standard keywords: vt allows them, too.
    allowTrailingCommas: true,
    ...toJsonSchema(configShape),
  };
  return `${JSON.stringify(schema, undefined, 2)}\n`;
}

/** Its type for TypeScript, as the text of a module. */
export function configTypes(): string {
  return `/** What may stand in a \`vite-task.json\`. */
export type ViteTaskConfig = ${toTypeScript(configShape)};
`;
}
