import { displayTaskId } from "../task/task.ts";
import type { PackageGraph } from "../workspace/package-graph.ts";
import type { Draft, ScriptEdit } from "./draft.ts";

/**
 * The scripts that call the other tool: those of the root become what `translate` makes of them; where
 * it gives undefined, and in packages, where a call means something else, it takes a person.
 */
export function rewriteCalls(
  graph: PackageGraph,
  isCall: (text: string) => boolean,
  translate: (text: string) => string | undefined,
): Pick<Draft, "edits" | "remarks"> {
  const edits: ScriptEdit[] = [];
  const remarks: string[] = [];
  for (const owner of graph.packages.values()) {
    for (const [script, text] of owner.manifest.scripts) {
      if (!isCall(text)) continue;
      const translated = owner.path === "" ? translate(text) : undefined;
      const id = displayTaskId({ packageName: owner.name, task: script });
      if (translated !== undefined) edits.push({ owner, script, text: translated });
      else remarks.push(`the script ${id} has to be changed by hand: \`${text}\``);
    }
  }
  return { edits, remarks };
}
