import type { GlobEntries } from "../task/config-schema.ts";
import type { NxInputs } from "./nx-shapes.ts";

/**
 * What is left of Nx's inputs where files are observed: variables, and globs that take away. Named
 * inputs are followed; those of dependencies (`^x`) are not, for what a task reads of them counts.
 */
export function readNxInputs(
  inputs: NxInputs,
  named: Readonly<Record<string, NxInputs>>,
): {
  readonly env: readonly string[];
  readonly without: GlobEntries;
  readonly remarks: readonly string[];
} {
  const env = new Set<string>();
  const without = new Map<string, GlobEntries[number]>();
  const remarks = new Set<string>();
  const seen = new Set<string>();
  const follow = (list: NxInputs): void => {
    for (const entry of list) {
      const text = typeof entry === "string" ? entry : (entry.input ?? entry.fileset);
      if (typeof entry === "object" && entry.env !== undefined) env.add(entry.env);
      if (typeof entry === "object" && entry.runtime !== undefined)
        remarks.add(
          `the output of \`${entry.runtime}\` cannot be an input; the programs that a task runs are`,
        );
      if (text === undefined || seen.has(text)) continue;
      seen.add(text);
      const glob = text.startsWith("!") ? toGlob(text.slice(1)) : undefined;
      if (glob !== undefined) without.set(text, glob);
      else if (Object.hasOwn(named, text)) follow(named[text] ?? []);
    }
  };
  follow(inputs);
  return { env: [...env], without: [...without.values()], remarks: [...remarks] };
}

function toGlob(text: string): GlobEntries[number] {
  if (text.startsWith("{workspaceRoot}/"))
    return { pattern: `!${text.slice("{workspaceRoot}/".length)}`, base: "workspace" };
  return `!${text.replace(/^\{projectRoot\}\//, "")}`;
}
