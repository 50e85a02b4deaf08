import {
  type AbsolutePath,
  absolutePath,
  directoryOf,
  isInside,
  nameOf,
  resolvePath,
  toWorkspacePath,
} from "../base/path.ts";
import type { RunContext } from "./context.ts";
import type { LinkChanges } from "./link-changes.ts";

/** Where a path really leads. */
export type Resolved = {
  /** Without links on the way, nor at the end where the call followed one. */
  readonly path: AbsolutePath;
  /** Every link that was followed to get there. */
  readonly links: readonly AbsolutePath[];
};

/** What Linux allows in one look-up before it says ELOOP. */
const linksMax = 40;

/**
 * Resolves paths as the kernel does, on the tree as it is or was, each directory once. Aliases of one
 * file so become one path, and each link on the way shows as something that was looked at.
 */
export class LinkResolver {
  readonly #context: Pick<RunContext, "tree" | "linked">;
  readonly #directories = new Map<string, Resolved>();
  readonly #changes: LinkChanges | undefined;
  readonly #unsure = new Set<AbsolutePath>();
  #moment = 0;
  /** Of the path before: those that follow one another mostly lie in one directory. */
  #lastDirectory: string | undefined;
  #lastParent: Resolved = { path: absolutePath("/"), links: [] };

  /** With `changes`, links are taken as they were at the moment of the run that it has come to. */
  constructor(context: Pick<RunContext, "tree" | "linked">, changes?: LinkChanges) {
    this.#context = context;
    this.#changes = changes;
  }

  /** Links that were followed, changed, and whose text at that time nobody knows. */
  get unsure(): ReadonlySet<AbsolutePath> {
    return this.#unsure;
  }

  /** Takes links as the access of that moment found them. */
  moveTo(moment: number): void {
    if (moment > 0 && this.#changes?.isTurn(moment - 1) === true) {
      this.#directories.clear();
      this.#lastDirectory = undefined;
    }
    this.#moment = moment;
  }

  /** The path of the workspace by which something outside it was, or could have been, reached. */
  detour(named: string, { path, links }: Resolved): string | undefined {
    const { root } = this.#context.tree;
    if (isInside(root, path)) return undefined;
    if (toWorkspacePath(root, absolutePath(named)) !== undefined) return named;
    return nameThroughLink(named, this.#context) ?? this.#nameByWay(path, links);
  }

  /** `path` is absolute and may hold `..` after a name. */
  resolve(path: string, options: { readonly isFollowing: boolean }): Resolved {
    const end = path.lastIndexOf("/");
    if (isNoName(path, end + 1)) return this.#directory(path, 0);
    const parent = this.#parent(path, end);
    // Nearly always what was named is what it leads to, and text that is there need not be put together.
    const isAsNamed = parent.path === this.#lastDirectory;
    const place = isAsNamed
      ? (path as AbsolutePath)
      : resolvePath(parent.path, path.slice(end + 1));
    const here: Resolved = { path: place, links: parent.links };
    return options.isFollowing ? this.#follow(here, 0) : here;
  }

  /** By the last link of the workspace on a way that came into it from outside, and left it again. */
  #nameByWay(path: AbsolutePath, links: readonly AbsolutePath[]): string | undefined {
    const link = links.findLast((place) => isInside(this.#context.tree.root, place));
    if (link === undefined) return undefined;
    const target = this.#follow({ path: link, links: [] }, 0).path;
    const rest = toWorkspacePath(target, path);
    if (rest === undefined) return undefined;
    return rest === "" ? link : `${link}/${rest}`;
  }

  /** Where the directory leads that `path` names before the slash at `end`. */
  #parent(path: string, end: number): Resolved {
    const last = this.#lastDirectory;
    if (last !== undefined && end > 0 && last.length === end && path.startsWith(last))
      return this.#lastParent;
    const directory = path.slice(0, end) || "/";
    this.#lastParent = this.#directory(directory, 0);
    this.#lastDirectory = directory;
    return this.#lastParent;
  }

  #directory(path: string, depth: number): Resolved {
    if (path === "/") return { path: absolutePath("/"), links: [] };
    const known = this.#directories.get(path);
    if (known !== undefined) return known;
    const name = nameOf(path);
    const parent = this.#directory(path.slice(0, -name.length - 1) || "/", depth);
    if (name === "." || name === "") return parent;
    const resolved =
      name === ".."
        ? { path: directoryOf(parent.path), links: parent.links }
        : this.#follow({ path: resolvePath(parent.path, name), links: parent.links }, depth);
    this.#directories.set(path, resolved);
    return resolved;
  }

  #follow(here: Resolved, depth: number): Resolved {
    const target = depth < linksMax ? this.#textAt(here.path) : undefined;
    if (target === undefined) return here;
    const text = target.startsWith("/") ? target : `${directoryOf(here.path)}/${target}`;
    const there = this.#directory(text, depth + 1);
    return { path: there.path, links: [...here.links, here.path, ...there.links] };
  }

  #textAt(place: AbsolutePath): string | undefined {
    const link = this.#changes?.at(place, this.#moment) ?? "now";
    if (link === "now") return this.#context.tree.linkTarget(place);
    if (link === "unknown") this.#unsure.add(place);
    return typeof link === "string" ? undefined : link.text;
  }
}

/** Whether what begins at `start` is nothing, or one of the two names that every directory has. */
function isNoName(path: string, start: number): boolean {
  const length = path.length - start;
  return length < 3 && /^\.*$/.test(path.slice(start));
}

/** The path of the workspace by which a place elsewhere is reached, if it is. */
function nameThroughLink(
  path: string,
  { tree, linked }: Pick<RunContext, "tree" | "linked">,
): string | undefined {
  const place = linked.find(({ target }) => path === target || path.startsWith(`${target}/`));
  return place && `${tree.at(place.link)}${path.slice(place.target.length)}`;
}
