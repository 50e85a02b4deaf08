import type { FieldPath, Problem } from "../base/document.ts";
import { rebaseGlob } from "../base/glob.ts";
import { type WorkspacePath, workspacePath } from "../base/path.ts";
import type { GlobEntries } from "./config-schema.ts";
import type { GlobConfig } from "./task.ts";

/** What holds where nothing is said: exactly what the tracer sees. */
export const automatic: GlobConfig = { isAuto: true, positive: [], negative: [] };

export type ResolvedGlobs =
  | { readonly kind: "globs"; readonly globs: GlobConfig }
  | { readonly kind: "invalid"; readonly problem: Problem };

/**
 * `input` or `output` as written, made relative to the workspace root. Bare globs are relative to
 * the package, never to the task's `cwd`. A list without `{ "auto": true }` is all there is.
 */
export function resolveGlobs(
  entries: GlobEntries | undefined,
  packagePath: WorkspacePath,
  field: FieldPath,
): ResolvedGlobs {
  if (entries === undefined) return { kind: "globs", globs: automatic };
  const globs = { isAuto: false, positive: [] as string[], negative: [] as string[] };
  for (const [index, entry] of entries.entries()) {
    if (typeof entry === "object" && "auto" in entry) {
      globs.isAuto ||= entry.auto;
      continue;
    }
    const { pattern, base } =
      typeof entry === "string" ? { pattern: entry, base: "package" } : entry;
    const isNegative = pattern.startsWith("!");
    const directory = base === "workspace" ? workspacePath("") : packagePath;
    const rebased = rebaseGlob(isNegative ? pattern.slice(1) : pattern, directory);
    if (rebased.kind === "invalid") {
      const message = `${JSON.stringify(pattern)} ${rebased.problem}`;
      return { kind: "invalid", problem: { field: [...field, index], part: "value", message } };
    }
    (isNegative ? globs.negative : globs.positive).push(rebased.pattern);
  }
  return { kind: "globs", globs };
}
