import { mkdirSync, writeFileSync } from "node:fs";
import { type AbsolutePath, directoryOf, resolvePath } from "../../src/base/path.ts";

/** Contents by path; what is no text is written as JSON. */
export type Files = Readonly<Record<string, string | Uint8Array | object>>;

export function writeFiles(root: AbsolutePath, files: Files): void {
  for (const [path, content] of Object.entries(files)) {
    const target = resolvePath(root, path);
    mkdirSync(directoryOf(target), { recursive: true });
    const isRaw = typeof content === "string" || content instanceof Uint8Array;
    writeFileSync(target, isRaw ? content : JSON.stringify(content));
  }
}
