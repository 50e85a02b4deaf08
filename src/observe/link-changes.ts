import { type AbsolutePath, absolutePath, directoryOf, toWorkspacePath } from "../base/path.ts";
import { stampKind } from "../native/stamp.ts";
import type { Access } from "../trace/access.ts";
import type { RunContext } from "./context.ts";
import { effectOf, isChange } from "./effect.ts";
import type { LinkResolver } from "./resolve-links.ts";

/** What could be followed at a place: what is there `now`, nothing, a link with this text, or one whose text nobody knows. */
export type FollowedLink = "now" | "none" | { readonly text: string } | "unknown";

/** What an access found at a place, without following a link there. */
type Sight = {
  /** Of the access, in the order of the trace. */
  readonly moment: number;
  readonly isLink: boolean | undefined;
  readonly doesChange: boolean;
  /** What the link says that the access made. */
  readonly text: string | undefined;
};

/**
 * Where links stood while a run went on that changed some of them. The tree as the run left it tells only
 * of those it left alone, and of the others from their last change on. Before that, the next access which
 * looked at the place itself tells what was there.
 */
export class LinkChanges {
  readonly #sights = new Map<AbsolutePath, Sight[]>();
  readonly #turns = new Set<number>();
  readonly #context: Pick<RunContext, "tree" | "linkTexts">;

  /** `resolver` knows the tree as it is now. */
  constructor(
    accesses: readonly Access[],
    resolver: LinkResolver,
    context: Pick<RunContext, "tree" | "linkTexts">,
  ) {
    this.#context = context;
    const changed = new Set<string>();
    for (const access of accesses)
      if (replacing.has(access.kind)) for (const name of changedNames(access)) changed.add(name);
    for (const [moment, access] of accesses.entries()) {
      if (changed.size === 0) break;
      if (isBlind(access)) continue;
      for (const { name, ...sight } of sightsOf(access)) {
        if (!changed.has(name)) continue;
        const place = resolver.resolve(name, { isFollowing: false }).path;
        const sights = this.#sights.get(place) ?? [];
        this.#sights.set(place, sights);
        sights.push({ moment, ...sight });
      }
    }
    this.#moveLinks(accesses, resolver);
    for (const [place, sights] of this.#sights) {
      const wasLink = sights.some(({ isLink }) => isLink === true);
      if (wasLink || context.tree.linkTarget(place) !== undefined)
        for (const { moment, doesChange } of sights) if (doesChange) this.#turns.add(moment);
      if (!wasLink && context.tree.linkTarget(place) === undefined) this.#sights.delete(place);
    }
  }

  /** A link changes its place with each directory above it that the run gives another name. */
  #moveLinks(accesses: readonly Access[], resolver: LinkResolver): void {
    const links = new Set<AbsolutePath>();
    const above = new Set<AbsolutePath>();
    const noteLink = (place: AbsolutePath): void => {
      links.add(place);
      for (let parent = directoryOf(place); !above.has(parent); parent = directoryOf(parent))
        above.add(parent);
    };
    for (const [place, sights] of this.#sights) if (sights.some(isOfLink)) noteLink(place);
    for (const path of this.#context.linkTexts.keys()) noteLink(this.#context.tree.at(path));
    for (const [moment, access] of accesses.entries()) {
      const { kind, path, target } = access;
      if (kind !== "rename" || target === undefined || changedNames(access).length === 0) continue;
      const [from, to] = [path, target].map(
        (name) => resolver.resolve(name, { isFollowing: false }).path,
      );
      if (from === undefined || !above.has(from)) continue;
      for (const place of [...links].filter((link) => link.startsWith(`${from}/`))) {
        const moved = absolutePath(`${to}${place.slice(from.length)}`);
        this.#addChange(place, { moment, isLink: true });
        this.#addChange(moved, { moment, isLink: undefined });
        noteLink(moved);
      }
    }
  }

  #addChange(place: AbsolutePath, sight: Pick<Sight, "moment" | "isLink">): void {
    const known = this.#sights.get(place) ?? [];
    const sights = [...known, { ...sight, doesChange: true, text: undefined }];
    this.#sights.set(
      place,
      sights.sort((a, b) => a.moment - b.moment),
    );
  }

  /** Whether every link is as it was all the time. */
  get areNone(): boolean {
    return this.#sights.size === 0;
  }

  /** Whether paths may mean something else after the access of that moment. */
  isTurn(moment: number): boolean {
    return this.#turns.has(moment);
  }

  /** What an access of that moment finds to follow. */
  at(place: AbsolutePath, moment: number): FollowedLink {
    const sights = this.#sights.size === 0 ? undefined : this.#sights.get(place);
    if (sights === undefined) return "now";
    const later = sights.filter((sight) => sight.moment >= moment);
    if (!later.some(({ doesChange }) => doesChange)) return "now";
    if (later[0]?.isLink === false) return "none";
    const path = toWorkspacePath(this.#context.tree.root, place);
    const made = sights.findLast((sight) => sight.moment < moment && sight.doesChange)?.text;
    // In the workspace more depends on it, and whoever followed the link may have come before it was made.
    if (path === undefined && made !== undefined && later[0]?.isLink === true)
      return { text: made };
    const isFirst = sights.every((sight) => sight.moment >= moment || !sight.doesChange);
    const text = isFirst && path !== undefined ? this.#context.linkTexts.get(path) : undefined;
    return text === undefined ? "unknown" : { text };
  }
}

/** Whether a link stood there, before or after. */
function isOfLink({ isLink, text }: Sight): boolean {
  return isLink === true || text !== undefined;
}

const replacing: ReadonlySet<Access["kind"]> = new Set([
  "make-link",
  "make-directory",
  "hard-link",
  "rename",
  "remove",
]);

/** The names whose place the access may have put something else in. */
function changedNames(access: Access): string[] {
  const { kind, path, target } = access;
  if (!replacing.has(kind) || !isChange(effectOf(access))) return [];
  if (kind === "hard-link") return target === undefined ? [] : [target];
  return target === undefined ? [path] : [path, target];
}

/** Whether it tells nothing of what stood at a place itself. */
function isBlind({ isFollowing, target }: Access): boolean {
  return isFollowing && target === undefined;
}

function sightsOf(access: Access): readonly (Omit<Sight, "moment"> & { readonly name: string })[] {
  const { path, target, stamp, text, isFollowing } = access;
  const doesChange = changedNames(access).length > 0;
  const isLink = stamp === undefined || isFollowing ? undefined : stampKind(stamp) === "link";
  if (isBlind(access)) return [];
  if (target === undefined) return [{ name: path, isLink, doesChange, text }];
  const source = { name: path, isLink: undefined, doesChange, text };
  return [
    ...(access.kind === "rename" && doesChange ? [source] : []),
    { name: target, isLink, doesChange, text },
  ];
}
