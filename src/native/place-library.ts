import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  type Stats,
  writeFileSync,
} from "node:fs";
import type { Environment } from "../base/host.ts";
import { type AbsolutePath, absolutePath, nameOf, resolvePath } from "../base/path.ts";

/** Where a compiled vt keeps the files embedded in it; nobody but vt itself can read them there. */
const insideVt = "/$bunfs/";

/**
 * Where the embedded library lies as a file that other programs can load and run, best place first.
 * Each is written when it is asked for; its name holds a hash of its content, so versions of vt do
 * not meet. Nothing for a platform without a library.
 */
export function* placeLibrary(
  embedded: AbsolutePath,
  environment: Environment,
): Generator<AbsolutePath> {
  if (Bun.file(embedded).size === 0) return;
  if (!embedded.startsWith(insideVt) && isPreloadable(embedded)) {
    yield embedded;
    return;
  }
  for (const directory of candidates(environment)) {
    const path = resolvePath(directory, nameOf(embedded));
    if (!isPreloadable(path)) continue;
    if (didPlace(embedded, directory, path)) yield path;
  }
}

/** What LD_PRELOAD separates its entries with cannot stand in one. */
function isPreloadable(path: AbsolutePath): boolean {
  return !/[:\s]/.test(path);
}

/** The person's own cache, never the workspace. */
function candidates({
  XDG_CACHE_HOME,
  HOME,
  XDG_RUNTIME_DIR,
  TMPDIR,
}: Environment): AbsolutePath[] {
  const user = process.getuid?.() ?? 0;
  const parents = [
    XDG_CACHE_HOME && `${XDG_CACHE_HOME}/vt`,
    HOME && `${HOME}/.cache/vt`,
    XDG_RUNTIME_DIR && `${XDG_RUNTIME_DIR}/vt`,
    TMPDIR && `${TMPDIR}/vt-${user}`,
    `/tmp/vt-${user}`,
  ];
  return parents
    .filter((parent) => parent?.startsWith("/"))
    .map((parent) => absolutePath(`${parent}/native`));
}

function didPlace(embedded: AbsolutePath, directory: AbsolutePath, path: AbsolutePath): boolean {
  const temporary = `${path}.${process.pid}`;
  try {
    if (isInPlace(path, Bun.file(embedded).size)) return true;
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    if (!isTrusted(lstatSync(directory))) return false;
    writeFileSync(temporary, readFileSync(embedded), { mode: 0o755, flag: "wx" });
    chmodSync(temporary, 0o755); // Whatever the umask is.
    renameSync(temporary, path);
    return true;
  } catch {
    return false; // Read-only, full, or no directory: the next place may do.
  }
}

/** Whether it is there and whole. */
function isInPlace(path: AbsolutePath, size: number): boolean {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  return stats?.isFile() === true && stats.size === size && isTrusted(stats);
}

/** No other user can have changed it. */
function isTrusted({ uid, mode }: Stats): boolean {
  return uid === process.getuid?.() && (mode & 0o022) === 0;
}
