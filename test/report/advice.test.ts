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

test("a script gets its settings by its name, in the file of its package", () => {
  const step = { task: idOf("packages/a", "say"), isScript: true } as const;
  expect(describeAdvice(advice, step).slice(3)).toEqual([
    "The script stays in package.json, and gets settings by its name in packages/a/vite-task.json:",
    '  { "tasks": { "say": { "cache": false } } }',
  ]);
});

test("a script of the root goes into its file", () => {
  const step = { task: idOf("", "x"), isScript: true } as const;
  expect(describeAdvice(advice, step).slice(3)).toEqual([
    "The script stays in package.json, and gets settings by its name in vite-task.json:",
    '  { "tasks": { "x": { "cache": false } } }',
  ]);
});

test("where there is nothing to write, nothing is shown", () => {
  const step = { task: idOf("", "x"), isScript: true } as const;
  expect(describeAdvice({ text: "Wait." }, step)).toEqual(["Wait."]);
});
