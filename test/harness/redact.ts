import { dirname } from "node:path";
import type { Workspace } from "./workspace.ts";

/** `text` without what differs between runs and machines: durations, moments, directories, sizes, process ids. */
export function redact(text: string, workspace: Pick<Workspace, "root">): string {
  const path = process.env["PATH"]?.replaceAll(":", ", ") ?? "";
  return text
    .replaceAll(workspace.root, "<root>")
    .replaceAll(dirname(workspace.root), "<base>")
    .replaceAll(path, "<PATH>")
    .replaceAll(/\b\d+(?:\.\d+)?(?:ms|s)\b/g, "<time>")
    .replaceAll(/\b\d{13}\b/g, "<moment>")
    .replaceAll(/\b\d+(?:\.\d+)? (?:[KM]i)?B from /g, "<size> from ")
    .replaceAll(/\(process \d+\)/g, "(process <id>)");
}
