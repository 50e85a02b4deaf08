import { UserError } from "../base/error.ts";
import { errnoOf } from "../base/file.ts";
import type { Host } from "../base/host.ts";
import { printable } from "../base/path.ts";
import { cacheHome } from "../cache/cache.ts";
import { cleanCache } from "../cache/clean.ts";
import { findWorkspace } from "../workspace/root.ts";

/** `vt cache clean`: removes the workspace's cache, of every version of vt. That there is none is fine. */
export async function cacheClean(host: Host): Promise<number> {
  const { root } = await findWorkspace(host.cwd);
  const home = cacheHome({ root, environment: host.environment });
  try {
    cleanCache(home);
  } catch (cause) {
    if (errnoOf(cause) === undefined) throw cause;
    throw new UserError(`the cache ${printable(home)} cannot be removed (${errnoOf(cause)})`, {
      code: "cache-invalid",
      cause,
    });
  }
  return 0;
}
