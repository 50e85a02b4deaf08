import { readFileSync } from "node:fs";
// Built by scripts/native.ts for the target that is being built.
import addon from "../../build/native/vt-client.so" with { type: "file" };
import { contentHash } from "../base/digest.ts";
import type { Environment } from "../base/host.ts";
import { type AbsolutePath, resolvePath } from "../base/path.ts";
import { didPlace, ownDirectories } from "../native/own-file.ts";
import client from "./client.cjs" with { type: "file" };

/**
 * The file that tools load, written where it is not there yet: outside of the workspace, in a
 * directory named by a hash of its content, so that versions of vt do not meet. Throws when there is
 * no place for it.
 */
export function placeClient(environment: Environment): AbsolutePath {
  const addonBytes = readFileSync(addon);
  const clientBytes = readFileSync(client);
  const hash = contentHash(clientBytes, contentHash(addonBytes)).toString(16).padStart(16, "0");
  for (const parent of ownDirectories(environment)) {
    const directory = resolvePath(parent, `client-${hash}`);
    const path = resolvePath(directory, "client.cjs");
    // The client last: whoever finds it finds what it needs.
    if (didPlace(resolvePath(directory, "addon.node"), addonBytes) && didPlace(path, clientBytes))
      return path;
  }
  throw new Error("there is no directory for the client that only its owner can write to");
}
