import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import type { FileEdit } from "./scenario.ts";

/**
 * Does to the tree at `root` what a person might do between two runs. The same edit does the same to
 * equal trees; one that makes no sense in a tree does nothing.
 */
export function applyEdit(root: string, edit: FileEdit): void {
  const path = join(root, edit.path);
  if (!isDirectory(dirname(path))) return;
  switch (edit.edit) {
    case "write":
      replace(path, () => writeFileSync(path, edit.text));
      break;
    case "link":
      replace(path, () => symlinkSync(edit.target, path));
      break;
    case "directory":
      replace(path, () => mkdirSync(path));
      break;
    case "delete":
      rmSync(path, { recursive: true, force: true });
      break;
    case "rename":
      rename(path, join(root, edit.to));
      break;
    default:
      changeFile(path, edit.edit);
  }
}

/** Empties the directory into which tasks write. */
export function wipe(root: string): void {
  const directory = join(root, "out");
  for (const name of readdirSync(directory)) {
    if (name !== ".keep") rmSync(join(directory, name), { recursive: true });
  }
}

function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false; // Not there, below a file, or a link that leads nowhere.
  }
}

/** Never in place: a hard link that a task made would carry the change to its output. */
function replace(path: string, make: () => void): void {
  rmSync(path, { recursive: true, force: true });
  make();
}

function rename(from: string, to: string): void {
  const isThere = lstatSync(from, { throwIfNoEntry: false }) !== undefined;
  if (!isThere || !isDirectory(dirname(to)) || `${to}/`.startsWith(`${from}/`)) return;
  if (`${from}/`.startsWith(`${to}/`)) return;
  rmSync(to, { recursive: true, force: true });
  renameSync(from, to);
}

function changeFile(path: string, change: "sneak" | "touch" | "chmod"): void {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined || !stats.isFile()) return;
  if (stats.nlink > 1) detach(path, stats.mode & 0o777);
  if (change === "touch") utimesSync(path, 1_000_000_000, 1_000_000_000);
  if (change === "chmod") chmodSync(path, (stats.mode & 0o777) ^ 0o111);
  if (change !== "sneak") return;
  const turned = readFileSync(path).map((byte) => (byte === 10 ? byte : byte ^ 1));
  const { mtimeNs } = lstatSync(path, { bigint: true });
  writeFileSync(path, turned, { flag: "r+" });
  setTime(path, mtimeNs);
}

/** To the nanosecond, which the calls of Node do not take. */
function setTime(path: string, mtimeNs: bigint): void {
  const digits = `${mtimeNs}`.padStart(10, "0");
  const time = `@${digits.slice(0, -9)}.${digits.slice(-9)}`;
  const set = Bun.spawnSync(["touch", "-m", "-d", time, path]);
  if (!set.success) throw new Error(`touch: ${set.stderr}`);
}

function detach(path: string, mode: number): void {
  const bytes = readFileSync(path);
  rmSync(path);
  writeFileSync(path, bytes);
  chmodSync(path, mode);
}
