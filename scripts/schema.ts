// `npm run schema`: writes what editors read, from the table that `vite-task.json` is checked against.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { configJsonSchema, configTypes } from "../src/task/config-documents.ts";

const directory = join(import.meta.dir, "../schema");

await mkdir(directory, { recursive: true });
await writeFile(join(directory, "vite-task.schema.json"), configJsonSchema());
await writeFile(join(directory, "vite-task.d.ts"), configTypes());
