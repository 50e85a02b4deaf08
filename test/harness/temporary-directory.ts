import { mkdir, mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type AbsolutePath, absolutePath } from "../../src/base/path.ts";

export type TemporaryDirectory = AsyncDisposable & {
  /** Empty; its parent directory is the test's own, too. */
  readonly path: AbsolutePath;
};

/** A directory for one test, to be held with `await using`. */
export async function temporaryDirectory(): Promise<TemporaryDirectory> {
  const base = await mkdtemp(join(await realpath(tmpdir()), "directory-"));
  const path = absolutePath(join(base, "root"));
  await mkdir(path);
  return {
    path,
    [Symbol.asyncDispose]: () => rm(base, { recursive: true, force: true }),
  };
}
