import { readdirSync, readlinkSync } from "node:fs";
import { cp, mkdir, mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { remainder } from "./wait.ts";

/** A directory of its own for one test: the copy of a workspace, and what a program needs around it. */
export type Workspace = AsyncDisposable & {
  readonly root: string;
  /** `HOME` and `TMPDIR` of whatever runs in it. */
  readonly home: string;
  readonly temporary: string;
  /**
   * A second copy of the same files under another root, with the first one's cache. It goes when the
   * first one goes.
   */
  readonly checkOutAgain: (name: string) => Promise<Workspace>;
};

const cache = "node_modules/.vt";

/**
 * Copies `source`, without what was installed or built in it. To be held with `await using`: at the
 * end it throws when a process is left in it, and is deleted.
 */
export async function copyWorkspace(source: string): Promise<Workspace> {
  const base = await mkdtemp(join(await realpath(tmpdir()), "workspace-"));
  return await checkOut(source, base, "workspace");
}

async function checkOut(source: string, base: string, name: string): Promise<Workspace> {
  const root = join(base, name);
  const home = join(base, "home");
  const temporary = join(base, "tmp");
  await cp(source, root, { recursive: true, filter: isSource, verbatimSymlinks: true });
  for (const directory of [home, temporary]) await mkdir(directory, { recursive: true });
  return {
    root,
    home,
    temporary,
    checkOutAgain: async (other) => {
      const copy = await checkOut(source, base, other);
      await cp(join(root, cache), join(copy.root, cache), { recursive: true });
      return copy;
    },
    [Symbol.asyncDispose]: async () => {
      const left = await remainder(() => processesIn(base));
      await rm(base, { recursive: true });
      if (left.length > 0) throw new Error(`processes left in the workspace: ${left.join(", ")}`);
    },
  };
}

function isSource(path: string): boolean {
  return !/\/(node_modules|dist)$/.test(path);
}

/** What runs with its working directory below `base`, as `id program`. */
export function processesIn(base: string): readonly string[] {
  if (process.platform !== "linux") return [];
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && link(`/proc/${name}/cwd`).startsWith(`${base}/`))
    .map((id) => `${id} ${link(`/proc/${id}/exe`)}`);
}

function link(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return ""; // The process ended meanwhile, or is not ours to look at.
  }
}
