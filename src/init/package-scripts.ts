import { displayTaskId } from "../task/task.ts";
import type { PackageGraph } from "../workspace/package-graph.ts";
import { type Draft, plainTask } from "./draft.ts";

/**
 * The scripts whose names say that they make or check something are to be cached; all others stay
 * what they are. A name is only a guess, so each of them is named to the person.
 */
export function draftFromScripts(graph: PackageGraph): Draft {
  const all = [...graph.packages.values()].flatMap((owner) =>
    [...owner.manifest.scripts].map(([name, text]) => ({ owner, name, text })),
  );
  const cached = all.filter(({ name, text }) => isRepeatable(name, text));
  const names = new Set(cached.map(({ name }) => name));
  const hooks = new Set([...names].flatMap((name) => [`pre${name}`, `post${name}`]));
  const others = all.filter((script) => !cached.includes(script) && !hooks.has(script.name));
  const left = others.map(({ owner, name }) =>
    displayTaskId({ packageName: owner.name, task: name }),
  );
  return {
    source: "package.json",
    tasks: cached.map(({ owner, name }) => plainTask(owner, name)),
    observed: [],
    remarks: [
      ...(left.length > 0 ? [`these scripts run every time, as before: ${left.join(", ")}`] : []),
      "a cached task gets a few variables and those that its `env` lists: add what it needs",
    ],
    edits: [],
  };
}

const repeatable =
  /^(?:build|bundle|check|codegen|compile|gen|generate|lint|test|tsc|typecheck|type-check|types|unit|validate)(?::.+)?$/;

/** What runs until it is stopped, or changes what others see. */
const unrepeatable =
  /(?:^|[:\s-])(?:deploy|dev|fix|publish|push|release|serve|start|update|watch|write)\b|\s-[uw]\b/;

function isRepeatable(name: string, text: string): boolean {
  return repeatable.test(name) && !unrepeatable.test(name) && !unrepeatable.test(text);
}
