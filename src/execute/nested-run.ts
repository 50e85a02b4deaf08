import { existsSync } from "node:fs";
import { type AbsolutePath, diskPath, resolvePath } from "../base/path.ts";
import type { Access } from "../trace/access.ts";

/*
 * What a `vt run` looks up on a hit is in no trace: a step that starts one must not be stored. The
 * inner one says so on the outer's channel, but may not know of it, since scripts and other runners
 * clear the environment of what they start. So it also leaves a trace.
 */

/** Nobody makes it, and nobody else looks for it. */
export const nestedRunMark = "node_modules/.vt/nested-run";

/** Makes the `vt run` show in the trace of the step that it is a part of, if there is one. */
export function showRun(root: AbsolutePath): void {
  existsSync(diskPath(resolvePath(root, nestedRunMark)));
}

/** Whether a `vt run` was started in the step. */
export function hasNestedRun(accesses: readonly Access[]): boolean {
  return accesses.some(({ path }) => path.endsWith(`/${nestedRunMark}`));
}
