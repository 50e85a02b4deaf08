import type { Terminal } from "../report/terminal.ts";
import { configJsonSchema, configTypes } from "../task/config-documents.ts";

/** `vt schema`: what editors need for `vite-task.json`. */
export function schema(form: "json-schema" | "types", terminal: Terminal): number {
  terminal.write("stdout", form === "types" ? configTypes() : configJsonSchema());
  return 0;
}
