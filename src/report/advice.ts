import { printable } from "../base/path.ts";
import type { Step } from "../plan/step.ts";

/** What a person may do about something, and what to write for it. */
export type Advice = {
  readonly text: string;
  /** Members of the task's configuration, each of which would do. */
  readonly settings?: readonly string[];
};

/** Lines to show below what the advice is about; of a script also where its settings go. */
export function describeAdvice(
  { text, settings = [] }: Advice,
  step: Pick<Step, "task" | "isScript">,
): readonly string[] {
  return [text, ...settings.map((setting) => `  ${setting}`), ...wholeFile(step, settings)];
}

function wholeFile(
  { task, isScript }: Pick<Step, "task" | "isScript">,
  [setting]: readonly string[],
): readonly string[] {
  if (setting === undefined || isScript !== true) return [];
  const name = JSON.stringify(printable(task.task));
  const file = `${task.packagePath === "" ? "" : `${task.packagePath}/`}vite-task.json`;
  return [
    `The script stays in package.json, and gets settings by its name in ${printable(file)}:`,
    `  { "tasks": { ${name}: { ${setting} } } }`,
  ];
}
