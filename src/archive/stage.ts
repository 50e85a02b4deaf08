import { mkdirSync, rmSync, symlinkSync } from "node:fs";
import { type AbsolutePath, diskPath, encodePath, resolvePath } from "../base/path.ts";
import { temporaryPath } from "./format.ts";
import type { ManifestEntry } from "./manifest.ts";

/** What is to be put in place, with its row number in the manifest. */
export type NeededRow = { readonly row: number; readonly entry: ManifestEntry };

/** A directory for one restore, gone when it is disposed. */
export type StagingDirectory = { readonly path: AbsolutePath; [Symbol.dispose](): void };

/** Makes a new directory in `parent` that only its owner can look into. Throws system errors. */
export function makeStagingDirectory(parent: AbsolutePath): StagingDirectory {
  const path = temporaryPath(parent);
  mkdirSync(diskPath(path), { mode: 0o700 });
  return {
    path,
    [Symbol.dispose]: () => rmSync(diskPath(path), { recursive: true, force: true }),
  };
}

/** Where the output of row `row` is kept until it is put in place. */
export function stagedPath(staging: AbsolutePath, row: number): AbsolutePath {
  return resolvePath(staging, String(row));
}

/** Makes a link with exactly this text. Throws system errors. */
export function makeLink(path: AbsolutePath, target: string): void {
  const text = target.isWellFormed() ? target : Buffer.from(encodePath(target));
  symlinkSync(text, diskPath(path));
}
