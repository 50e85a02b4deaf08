import { dirname } from "node:path";
import type { Workspace } from "./workspace.ts";

/** `text` without what differs from run to run: durations and the directory of the test. */
export function redact(text: string, workspace: Pick<Workspace, "root">): string {
  return text
    .replaceAll(workspace.root, "<root>")
    .replaceAll(dirname(workspace.root), "<base>")
    .replace(/\b\d+(?:\.\d+)?(?:ms|s)\b/g, "<time>");
}
