import { performOnFiles, performRun } from "./perform.ts";
import type { Case } from "./steps.ts";
import { copyWorkspace, type Workspace } from "./workspace.ts";

/** Plays one case in a copy of the fixture `directory` and returns its transcript, in Markdown. */
export async function play(directory: string, { name, env, steps }: Case): Promise<string> {
  await using first = await copyWorkspace(directory);
  let workspace: Workspace = first;
  const parts = [`# ${name}\n`];
  for (const step of steps) {
    if ("run" in step) {
      parts.push(await performRun(workspace, step, env));
    } else if ("checkout" in step) {
      workspace = await workspace.checkOutAgain(step.checkout);
      parts.push("## a second checkout, with a copy of the cache\n");
    } else {
      parts.push(await performOnFiles(workspace, step));
    }
  }
  return `${parts
    .join("\n")
    .replace(/\n{3,}/g, "\n\n")
    .trimEnd()}\n`;
}

/** The file name that a case's transcript has. */
export function transcriptName(name: string): string {
  return `${name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-|-$/g, "")}.md`;
}
