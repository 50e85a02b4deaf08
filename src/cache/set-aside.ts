import { renameSync } from "node:fs";
import { type AbsolutePath, resolvePath } from "../base/path.ts";

/** Puts a damaged database out of the way, for a person to look at. Returns where it is now. */
export function setDatabaseAside(path: AbsolutePath, nowMs: number): AbsolutePath {
  const aside = resolvePath(`${path}.corrupt-${nowMs}` as AbsolutePath);
  for (const suffix of ["-wal", "-shm", ""]) {
    try {
      renameSync(`${path}${suffix}`, `${aside}${suffix}`);
    } catch (error) {
      // Another vt has just done the same, or there was no such file.
      if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
    }
  }
  return aside;
}
