import { mkdtempSync, realpathSync, statfsSync } from "node:fs";
import { errnoOf } from "../base/file.ts";
import type { Environment } from "../base/host.ts";
import { type AbsolutePath, absolutePath, isAbsolutePath } from "../base/path.ts";

export type PrivateDirectoryRequest = {
  /** What its name begins with. */
  readonly prefix: string;
  /** What has to fit into memory, for a directory there to be chosen before one on a disk. */
  readonly roomBytes: number;
  /** Whether it can lie in a directory of that path. */
  readonly canHold: (place: string) => boolean;
};

/** A new directory, for as long as vt runs. Only its owner may look into it. Throws where nothing can be written. */
export function makePrivateDirectory(
  environment: Environment,
  { prefix, roomBytes, canHold }: PrivateDirectoryRequest,
): AbsolutePath {
  for (const place of temporaryPlaces(environment, (memory) => hasRoom(memory, roomBytes))) {
    if (!isAbsolutePath(place)) continue;
    try {
      const real = realPath(place);
      if (canHold(real)) return absolutePath(mkdtempSync(`${real}/${prefix}`));
    } catch (error) {
      if (errnoOf(error) === undefined) throw error; // Else it is missing, full or not ours: the next may do.
    }
  }
  throw new Error("no directory for temporary files can be written to: set TMPDIR to one");
}

/** The kernel resolves links in the path of whoever opens something; ours must be the same everywhere. */
function realPath(place: string): string {
  try {
    return realpathSync(place);
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return place; // Bun asks /proc, which may not be there. Whether the place is shows when it is used.
  }
}

/**
 * Where temporary files may lie, the best place first: where somebody wants them, then in memory, where a file is
 * made and removed in a fraction of the time that it takes on a disk. Memory without room comes last.
 */
function* temporaryPlaces(
  { TMPDIR, XDG_RUNTIME_DIR }: Environment,
  isRoomy: (place: string) => boolean,
): Generator<string | undefined, void, undefined> {
  const memory = [XDG_RUNTIME_DIR, "/dev/shm"].filter((place) => place !== undefined);
  yield TMPDIR;
  // Asked only where nobody wanted another place.
  yield* memory.filter(isRoomy);
  yield* ["/tmp", "/var/tmp", ...memory];
}

const roomFilesMin = 1000;

/** Containers often have little memory for files, and a session's own directory is a part of it. */
function hasRoom(place: string, bytes: number): boolean {
  try {
    const { bavail, bsize, files, ffree } = statfsSync(place);
    // Some file systems do not count their files.
    return bavail * bsize >= bytes && (files === 0 || ffree >= roomFilesMin);
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return false;
  }
}
