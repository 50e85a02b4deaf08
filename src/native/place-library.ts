import { readFileSync } from "node:fs";
import type { Environment } from "../base/host.ts";
import { type AbsolutePath, nameOf, resolvePath } from "../base/path.ts";
import { didWrite, isInPlace, ownDirectories } from "./own-file.ts";

/** Where a compiled vt keeps the files embedded in it; nobody but vt itself can read them there. */
const insideVt = "/$bunfs/";

/**
 * Where the embedded library lies as a file that other programs can load and run, best place first.
 * Each is written when it is asked for; its name holds a hash of its content, so versions of vt do
 * not meet. Nothing for a platform without a library.
 */
export function* placeLibrary(
  embedded: AbsolutePath,
  environment: Environment,
): Generator<AbsolutePath> {
  const size = Bun.file(embedded).size;
  if (size === 0) return;
  if (!embedded.startsWith(insideVt) && isPreloadable(embedded)) {
    yield embedded;
    return;
  }
  for (const directory of ownDirectories(environment)) {
    const path = resolvePath(directory, nameOf(embedded));
    if (!isPreloadable(path)) continue;
    if (isInPlace(path, size) || didWrite(path, readFileSync(embedded))) yield path;
  }
}

/** What LD_PRELOAD separates its entries with cannot stand in one. */
function isPreloadable(path: AbsolutePath): boolean {
  return !/[:\s]/.test(path);
}
