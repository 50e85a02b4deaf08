import { expect, test } from "bun:test";
import { workspacePath } from "../../src/base/path.ts";
import { describeAdvice } from "../../src/report/advice.ts";

const advice = { text: "Either of:", settings: ['"cache": false', '"env": []'] };

function idOf(packagePath: string, task: string) {
  return { packagePath: workspacePath(packagePath), packageName: "a", task };
}

test("the settings of a task are shown as they stand in its configuration", () => {
  expect(describeAdvice(advice, { task: idOf("a", "x") })).toEqual([
    "Either of:",
    '  "cache": false',
    '  "env": []',
  ]);
});

test("a script is shown as the task that it would have to be", () => {
  const step = { task: idOf("packages/a", "say"), scriptTexts: ['echo "a"'] };
  expect(describeAdvice(advice, step).slice(3)).toEqual([
    "A script has no settings. Move it out of package.json, as a task into packages/a/vite-task.json:",
    '  { "tasks": { "say": { "command": "echo \\"a\\"", "cache": false } } }',
  ]);
});

test("a script of the root goes into its file, with what runs before and after it", () => {
  const step = { task: idOf("", "x"), scriptTexts: ["before", "itself"] };
  expect(describeAdvice(advice, step).slice(3)).toEqual([
    "A script has no settings. Move it out of package.json, as a task into vite-task.json:",
    '  { "tasks": { "x": { "command": ["before", "itself"], "cache": false } } }',
  ]);
});

test("where there is nothing to write, a script can stay", () => {
  const step = { task: idOf("", "x"), scriptTexts: ["x"] };
  expect(describeAdvice({ text: "Wait." }, step)).toEqual(["Wait."]);
});
