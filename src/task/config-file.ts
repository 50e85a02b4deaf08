import {
  type Document,
  type FilesRead,
  fieldError,
  parseJsonc,
  readSource,
} from "../base/document.ts";
import { type AbsolutePath, resolvePath } from "../base/path.ts";
import { type Config, parseConfig } from "./config.ts";

export type ConfigFile = { readonly config: Config; readonly document: Document };

export function configPath(directory: AbsolutePath): AbsolutePath {
  return resolvePath(directory, "vite-task.json");
}

/**
 * The `vite-task.json` of a package's directory, undefined where there is none. Throws a UserError
 * for one that is malformed or, in a package other than the root, sets what only the root may set.
 */
export function readConfigFile(
  directory: AbsolutePath,
  where: "root" | "package",
  files?: FilesRead,
): ConfigFile | undefined {
  const source = readSource(configPath(directory), "config-invalid", files);
  if (source === undefined) return undefined;
  const document = parseJsonc(source);
  const config = parseConfig(document);
  const rootOnly = (["cache", "enablePrePostScripts"] as const).find(
    (name) => config[name] !== undefined,
  );
  if (where === "package" && rootOnly !== undefined) {
    throw fieldError(document, {
      field: [rootOnly],
      part: "key",
      message: "can only be set in the workspace root",
      hint: "move it to the vite-task.json of the workspace root",
    });
  }
  return { config, document };
}
