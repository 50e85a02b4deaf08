import { dirname, join } from "node:path";
import type { Touch } from "./interpreter.ts";
import { isSameNode, type Node, type Snapshot } from "./snapshot.ts";

/*
 * What the documents promise about a run, worked out from what the program did and without a look at
 * `src/`: what the run depended on, whether its result may be stored, and when a later run must hit.
 * Where the promise is not simple to tell, the answer is that it is not sure.
 */

/** Something that a program did, in the order in which it did it. `item` tells which of the task's. */
export type Deed = { readonly touch: Touch; readonly path: string; readonly item: number };

export type FinishedDeeds = {
  readonly deeds: readonly Deed[];
  readonly before: Snapshot;
  readonly after: Snapshot;
  readonly exitCode: number;
  /** Whether somebody else changed something in between. */
  readonly wasDisturbed: boolean;
  /** Whether a program may do what vt is not shown. */
  readonly isBlind: boolean;
};

export type Expectation = {
  /** Undefined: it must be stored. Else what speaks against it, or makes it unsure. */
  readonly obstacle: string | undefined;
  /** State of whatever was looked at before it was changed, by path and kind of look. */
  readonly inputs: ReadonlyMap<string, string>;
  /** Real paths that were changed, or read and then changed. */
  readonly used: ReadonlySet<string>;
  /** Pairs of items of which the later one changed what the earlier one had touched. */
  readonly meetings: readonly string[];
};

export function expectationOf({
  deeds,
  before,
  after,
  exitCode,
  wasDisturbed,
  isBlind,
}: FinishedDeeds): Expectation {
  const inputs = new Map<string, string>();
  const changed = new Set<string>();
  const used = new Set<string>();
  const read = new Set<string>();
  let obstacle = exitCode === 0 ? undefined : "nonzero-exit";
  if (wasDisturbed) obstacle ??= "disturbed";
  if (isBlind) obstacle ??= "blind";
  const links: Snapshot = new Map([...after, ...before]);
  const entered = new Set<string>();
  for (const { touch, path } of deeds) {
    const isFollowing = touch !== "look" && touch !== "remove" && touch !== "replace";
    const place = resolve(links, path, isFollowing);
    for (const link of place.links) if (!changed.has(link)) note(inputs, before, "look", link);
    if (place.links.length > linksMax) obstacle ??= "link-loop";
    if (isChange(touch) && entered.has(place.path)) obstacle ??= "link-changed";
    for (const link of place.links) entered.add(link);
    if (!isChange(touch)) {
      used.add(place.path);
      if (changed.has(place.path)) continue;
      if (touch !== "list" && touch !== "look") read.add(place.path);
      note(inputs, before, touch === "list" ? "list" : "look", place.path);
      continue;
    }
    used.add(place.path);
    const node = before.get(place.path);
    const isFirst = !changed.has(place.path);
    if (node === undefined || isSameNode(node, after.get(place.path))) {
      if (touch === "use" && isFirst) note(inputs, before, "look", place.path);
      if (touch !== "use" && node === undefined && after.get(place.path) === undefined)
        note(inputs, before, "look", place.path);
    }
    if (isFirst && node !== undefined && (touch === "use" || read.has(place.path)))
      obstacle ??= "overlap";
    if (node !== undefined && after.get(place.path) === undefined) obstacle ??= "removed-foreign";
    changed.add(place.path);
  }
  return { obstacle, inputs, used, meetings: meetingsOf(deeds, links) };
}

function isChange(touch: Touch): boolean {
  return touch === "use" || touch === "replace" || touch === "remove";
}

function meetingsOf(deeds: readonly Deed[], links: Snapshot): readonly string[] {
  const meetings = new Set<string>();
  const places = deeds.map(({ touch, path, item }) => {
    const isFollowing = touch !== "look" && touch !== "remove" && touch !== "replace";
    return { touch, item, at: resolve(links, path, isFollowing).path };
  });
  for (const later of places) {
    if (!isChange(later.touch)) continue;
    for (const earlier of places) {
      const isListed =
        earlier.touch === "list" && `${dirname(later.at)}/` === `${earlier.at || "."}/`;
      if (earlier.item < later.item && (earlier.at === later.at || isListed))
        meetings.add(`${earlier.item} ${later.item}`);
    }
  }
  return [...meetings];
}

/** Whether everything the run depended on is in this tree as it was. */
export function isFitting(inputs: ReadonlyMap<string, string>, tree: Snapshot): boolean {
  return [...inputs].every(([key, state]) => {
    const [look = "", path = ""] = key.split(":");
    return stateOf(tree, look, path) === state;
  });
}

function note(
  inputs: Map<string, string>,
  tree: Snapshot,
  look: "look" | "list",
  path: string,
): void {
  const key = `${look}:${path}`;
  if (!inputs.has(key)) inputs.set(key, stateOf(tree, look, path));
}

function stateOf(tree: Snapshot, look: string, path: string): string {
  const node = tree.get(path);
  if (path === "" || node?.kind === "directory")
    return look === "list" ? namesIn(tree, path) : "directory";
  if (node === undefined) return "missing";
  if (node.kind === "link") return `link ${node.target}`;
  return `file ${node.mode & 0o100} ${node.bytes.toString("latin1")}`;
}

function namesIn(tree: Snapshot, directory: string): string {
  const prefix = directory === "" ? "" : `${directory}/`;
  const names = [...tree].flatMap(([path, { kind }]: readonly [string, Node]) => {
    const name = path.slice(prefix.length);
    return path.startsWith(prefix) && !name.includes("/") ? [`${kind} ${name}`] : [];
  });
  return names.join("\n");
}

type Place = { readonly path: string; readonly links: readonly string[] };

const linksMax = 40;

/** Where a path leads in `tree`: without links on the way, and without one at the end if following. */
function resolve(tree: Snapshot, path: string, isFollowing: boolean): Place {
  const links: string[] = [];
  let rest = path.split("/").filter((name) => name !== "" && name !== ".");
  let at = "";
  while (rest.length > 0) {
    const [name = "", ...others] = rest;
    rest = others;
    if (name === "..") {
      at = dirname(at) === "." ? "" : dirname(at);
      continue;
    }
    const here = join(at, name);
    const node = tree.get(here);
    const isEntered = rest.length > 0 || isFollowing;
    if (node?.kind !== "link" || !isEntered || links.length > linksMax) {
      at = here;
      continue;
    }
    links.push(here);
    rest = [...node.target.split("/").filter((part) => part !== "" && part !== "."), ...rest];
  }
  return { path: at, links };
}
