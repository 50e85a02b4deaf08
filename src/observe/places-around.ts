import type { AbsolutePath } from "../base/path.ts";
import { tagName } from "../fingerprint/exclusions.ts";
import type { Access } from "../trace/access.ts";
import type { RunContext } from "./context.ts";

/**
 * What will be looked at, nearly always, in one go instead of one by one: what was named, the directories above
 * it, which may be links, and what may say of one in the workspace that it holds a cache.
 */
export function placesAround(
  accesses: readonly Access[],
  { tree }: Pick<RunContext, "tree">,
): readonly AbsolutePath[] {
  const places: AbsolutePath[] = [];
  const directories = new Set<AbsolutePath>();
  let last = "";
  for (const { path } of accesses) {
    places.push(path as AbsolutePath);
    // Paths that follow one another mostly lie in one directory.
    if (path.lastIndexOf("/") === last.length && path.startsWith(last)) continue;
    last = above(path);
    for (let at = above(path); at !== "" && !directories.has(at); at = above(at))
      directories.add(at);
  }
  for (const directory of directories) {
    places.push(directory);
    if (directory.startsWith(`${tree.root}/`))
      places.push(`${directory}/${tagName}` as AbsolutePath);
  }
  return places;
}

/** As it is written, but for the root of the file system, which is "". */
function above(path: string): AbsolutePath | "" {
  return path.slice(0, Math.max(0, path.lastIndexOf("/"))) as AbsolutePath | "";
}
