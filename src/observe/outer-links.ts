import { type AbsolutePath, directoryOf, toWorkspacePath } from "../base/path.ts";
import type { RunContext } from "./context.ts";
import type { PathHistory } from "./history.ts";
import { LinkResolver } from "./resolve-links.ts";

/**
 * Whether a link that the run made outside the workspace leads, or may have led, to where looks count. Looks
 * outside are not recorded, so nobody knows what was looked at through such a link.
 */
export function canLeadInside({ path, linkTexts }: PathHistory, context: RunContext): boolean {
  return linkTexts.some((text) => canTextLeadInside(text, directoryOf(path), context));
}

function canTextLeadInside(text: string, from: AbsolutePath, context: RunContext): boolean {
  if (text === "" || hasUpAfterName(text)) return true;
  const named = text.startsWith("/") ? text : `${from}/${text}`;
  const { path, links } = new LinkResolver(context).resolve(named, { isFollowing: true });
  // What these say depends on who asks.
  if ([path, ...links].some((place) => place.startsWith("/proc/"))) return true;
  const { tree, around, linked } = context;
  const places = [around ?? tree.root, tree.root, ...linked.map(({ target }) => target)];
  return places.some(
    (place) =>
      toWorkspacePath(place, path) !== undefined || toWorkspacePath(path, place) !== undefined,
  );
}

/** The name may have been that of a link, which is gone: nobody knows what is above it then. */
function hasUpAfterName(text: string): boolean {
  const names = text.split("/").filter((name) => name !== "" && name !== ".");
  return names.some((name, index) => name === ".." && (names[index - 1] ?? "..") !== "..");
}
