import { printable } from "../base/path.ts";
import type { ToolSummary } from "../execute/tool-summary.ts";
import { quote } from "./quote.ts";

/** So many paths or names stand in one line; of more the number is told. */
const shownMax = 20;

/** What a step's tools declared, and what each declaration took away. */
export function describeTools(tools: ToolSummary): readonly string[] {
  const asked = [
    ...tools.env.map(quote),
    ...tools.envQueries.map(({ text, matches }) => `${quote(text)} (${matches} set)`),
  ];
  const lines = [
    ["ignored as input", tools.ignoredInputs.map(describeIgnored)],
    ["ignored as output", tools.ignoredOutputs.map(describeIgnored)],
    ["env that counts", asked],
    ["env that does not", tools.uncountedEnv.map(quote)],
  ] as const;
  return [
    ...(tools.isUncacheable ? ["→ Tool: asked not to be cached"] : []),
    ...lines
      .filter(([, items]) => items.length > 0)
      .map(([what, items]) => `→ Tool: ${what}: ${join(items)}`),
  ];
}

function describeIgnored({ path, removed }: ToolSummary["ignoredInputs"][number]): string {
  const place = path === "" ? "workspace root" : `'${printable(path)}'`;
  return `${place} (${removed === 1 ? "1 path" : `${removed} paths`})`;
}

function join(items: readonly string[]): string {
  const rest = items.length - shownMax;
  const shown = items.slice(0, shownMax).join(", ");
  return rest > 0 ? `${shown} and ${rest} more` : shown;
}
