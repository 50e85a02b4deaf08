import type { Host } from "../base/host.ts";
import { libc } from "../base/version.ts";

/** Operating system, architecture, libc: results of one are nothing to another. */
export function platformOf({ platform, architecture }: Host): string {
  return `${platform}-${architecture}-${libc}`;
}
