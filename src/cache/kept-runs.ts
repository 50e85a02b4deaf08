import { readdirSync, statSync } from "node:fs";
import { isMissing } from "../base/file.ts";
import { type AbsolutePath, diskPath, resolvePath } from "../base/path.ts";
import { runsName } from "./layout.ts";

/** A run that is remembered as a whole: a file. What one holds is in `remembered.ts`. */
export type KeptRun = {
  readonly path: AbsolutePath;
  readonly bytes: number;
  readonly writtenMs: number;
};

/** Those in a cache directory, the oldest first. Throws what the operating system reports, unless that is that there are none. */
export function keptRuns(cacheDirectory: AbsolutePath): readonly KeptRun[] {
  const directory = resolvePath(cacheDirectory, runsName);
  return namesIn(directory)
    .flatMap((name): readonly KeptRun[] => {
      const path = resolvePath(directory, name);
      const stats = statSync(diskPath(path), { throwIfNoEntry: false });
      // Another vt has forgotten it meanwhile.
      if (stats === undefined) return [];
      return [{ path, bytes: stats.size, writtenMs: stats.mtimeMs }];
    })
    .sort((a, b) => a.writtenMs - b.writtenMs);
}

function namesIn(directory: AbsolutePath): readonly string[] {
  try {
    return readdirSync(diskPath(directory));
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}
