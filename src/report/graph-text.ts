import type { LastState, Picture } from "./graph-picture.ts";

/** Dark enough for white letters, and told apart without colours by the words beside them. */
export const stateColours: Readonly<Record<LastState, string>> = {
  hit: "#1a7f37",
  ran: "#0969da",
  failed: "#cf222e",
  stopped: "#9a6700",
  unknown: "#6e7781",
};

/** A flowchart for whatever shows Mermaid: GitHub, GitLab, most editors. */
export function mermaidText({ nodes, edges }: Picture): string {
  const names = namesOf(nodes.keys());
  const used = new Set([...nodes.values()].map(({ state }) => state));
  const lines = [
    "flowchart LR",
    ...[...nodes].map(([id, { label }]) => `  ${names.get(id)}["${escapeMermaid(label)}"]`),
    ...edges.map(([before, after]) => `  ${names.get(before)} --> ${names.get(after)}`),
    ...[...used]
      .filter((state) => state !== "unknown")
      .flatMap((state) => [
        `  classDef ${state} fill:${stateColours[state]},color:#fff`,
        `  class ${idsWith(nodes, state, names)} ${state}`,
      ]),
  ];
  return `${lines.join("\n")}\n`;
}

/** For Graphviz. */
export function dotText({ nodes, edges }: Picture): string {
  const lines = [
    "digraph {",
    "  rankdir=LR",
    '  node [shape=box, style="rounded,filled", fontname="sans-serif", fontcolor=white]',
    ...[...nodes].map(
      ([id, { label, state }]) =>
        `  ${quoteDot(id)} [label=${quoteDot(label)}, fillcolor="${stateColours[state]}"]`,
    ),
    ...edges.map(([before, after]) => `  ${quoteDot(before)} -> ${quoteDot(after)}`),
    "}",
  ];
  return `${lines.join("\n")}\n`;
}

/** Names of tasks have characters that mean something to Mermaid. */
function namesOf(ids: Iterable<string>): ReadonlyMap<string, string> {
  return new Map([...ids].map((id, index) => [id, `n${index}`]));
}

function idsWith(
  nodes: Picture["nodes"],
  wanted: LastState,
  names: ReadonlyMap<string, string>,
): string {
  return [...nodes]
    .flatMap(([id, { state }]) => (state === wanted ? [names.get(id)] : []))
    .join(",");
}

function escapeMermaid(text: string): string {
  return text
    .replace(/#(?=\w+;)/g, "#35;")
    .replaceAll('"', "#quot;")
    .replaceAll("<", "#lt;")
    .replaceAll(">", "#gt;");
}

function quoteDot(text: string): string {
  return `"${text.replace(/["\\]/g, "\\$&")}"`;
}
