import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";

/** What stands at a path. `mode` has the permission bits. */
export type Node =
  | { readonly kind: "file"; readonly mode: number; readonly bytes: Buffer }
  | { readonly kind: "link"; readonly target: string }
  | { readonly kind: "directory"; readonly mode: number };

/** Every path below a root but `node_modules`, parents before what is in them. */
export type Snapshot = ReadonlyMap<string, Node>;

export function takeSnapshot(root: string): Snapshot {
  const nodes = new Map<string, Node>();
  const visit = (directory: string): void => {
    for (const name of readdirSync(join(root, directory)).sort()) {
      const path = directory === "" ? name : `${directory}/${name}`;
      if (path === "node_modules") continue;
      const node = nodeAt(join(root, path));
      if (node === undefined) continue;
      nodes.set(path, node);
      if (node.kind === "directory") visit(path);
    }
  };
  visit("");
  return nodes;
}

/** Undefined when nothing is there. */
export function nodeAt(path: string): Node | undefined {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return undefined;
  const mode = stats.mode & 0o777;
  if (stats.isSymbolicLink()) return { kind: "link", target: readlinkSync(path) };
  if (stats.isDirectory()) return { kind: "directory", mode };
  return { kind: "file", mode, bytes: readFileSync(path) };
}

export function isSameNode(a: Node | undefined, b: Node | undefined): boolean {
  return describeNode(a) === describeNode(b);
}

/** In one line, for people and for comparing. */
export function describeNode(node: Node | undefined): string {
  switch (node?.kind) {
    case undefined:
      return "nothing";
    case "link":
      return `link to ${node.target}`;
    case "directory":
      return `directory ${node.mode.toString(8)}`;
    case "file":
      return `file ${node.mode.toString(8)} ${JSON.stringify(node.bytes.toString("latin1"))}`;
  }
}

/** Puts `node` at `path`, whatever was there; parents are made. */
export function placeNode(path: string, node: Node | undefined): void {
  const isDirectory = node?.kind === "directory" && nodeAt(path)?.kind === "directory";
  if (!isDirectory) rmSync(path, { recursive: true, force: true });
  if (node === undefined) return;
  mkdirSync(dirname(path), { recursive: true });
  if (node.kind === "link") {
    symlinkSync(node.target, path);
    return;
  }
  if (node.kind === "directory") mkdirSync(path, { recursive: true });
  else writeFileSync(path, node.bytes);
  chmodSync(path, node.mode);
}
