import { readFileSync } from "node:fs";
// Built by scripts/native.ts for this machine; scripts/compile.ts embeds that of the target.
import addon from "../../build/native/vt-client.so" with { type: "file" };
import { contentHash } from "../base/digest.ts";
import { type AbsolutePath, resolvePath } from "../base/path.ts";
import { didPlace } from "../native/own-file.ts";
import client from "./client.cjs" with { type: "file" };

/**
 * The file that tools load, written where it is not there yet, into the first of the directories that
 * takes it: below it in one named by a hash of its content, so that versions of vt do not meet. Throws
 * when there is no place for it.
 */
export function placeClient(parents: readonly AbsolutePath[]): AbsolutePath {
  const addonBytes = readFileSync(addon);
  const clientBytes = readFileSync(client);
  const hash = contentHash(clientBytes, contentHash(addonBytes)).toString(16).padStart(16, "0");
  for (const parent of parents) {
    const directory = resolvePath(parent, `client-${hash}`);
    const path = resolvePath(directory, "client.cjs");
    // The client last: whoever finds it finds what it needs.
    if (didPlace(resolvePath(directory, "addon.node"), addonBytes) && didPlace(path, clientBytes))
      return path;
  }
  throw new Error("there is no directory for the client that only its owner can write to");
}
