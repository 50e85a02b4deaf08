import { printable } from "../base/path.ts";
import type { Step } from "../plan/step.ts";

/** What a person may do about something, and what to write for it. */
export type Advice = {
  readonly text: string;
  /** Members of the task's configuration, each of which would do. */
  readonly settings?: readonly string[];
};

/** Lines to show below what the advice is about. A script, which has no settings, is written as a task. */
export function describeAdvice(
  { text, settings = [] }: Advice,
  step: Pick<Step, "task" | "scriptTexts">,
): readonly string[] {
  return [text, ...settings.map((setting) => `  ${setting}`), ...asTask(step, settings)];
}

function asTask(
  { task, scriptTexts }: Pick<Step, "task" | "scriptTexts">,
  [setting]: readonly string[],
): readonly string[] {
  if (setting === undefined || scriptTexts === undefined) return [];
  const texts = scriptTexts.map((text) => JSON.stringify(printable(text)));
  const command = texts.length === 1 ? texts.join("") : `[${texts.join(", ")}]`;
  const name = JSON.stringify(printable(task.task));
  const file = `${task.packagePath === "" ? "" : `${task.packagePath}/`}vite-task.json`;
  return [
    `A script has no settings. Move it out of package.json, as a task into ${printable(file)}:`,
    `  { "tasks": { ${name}: { "command": ${command}, ${setting} } } }`,
  ];
}
