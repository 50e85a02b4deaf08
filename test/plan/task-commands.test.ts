import { describe, expect, test } from "bun:test";
import { absolutePath, workspacePath } from "../../src/base/path.ts";
import { commandsOf } from "../../src/plan/task-commands.ts";
import type { Task } from "../../src/task/task.ts";

function task(commands: readonly string[], more: Partial<Task> = {}): Task {
  return {
    id: { packagePath: workspacePath("a"), packageName: "a", task: "t" },
    origin: "task",
    commands,
    cwd: absolutePath("/w/a"),
    dependencies: [],
    cache: false,
    hooks: {},
    ...more,
  };
}

describe("extra arguments go to the last command of the task", () => {
  test.each<[readonly string[], readonly string[], string[], string[]]>([
    [["a && b"], ["X"], ["a", "b|X"], ["a", "b X"]],
    [["a", "b"], ["X"], ["a", "b|X"], ["a", "b X"]],
    [["a && b", "c && d"], ["X"], ["a", "b", "c", "d|X"], ["a", "b", "c", "d X"]],
    [["a | b"], ["X"], ["sh|-c|a | b X"], ["a | b"]],
    [["a", "b | c"], ["X Y"], ["a", "sh|-c|b | c 'X Y'"], ["a", "b | c"]],
    [["a | b", "c"], ["X"], ["sh|-c|a | b", "c|X"], ["a | b", "c X"]],
    [
      ["a 'b c'"],
      ["X Y", "", "it's", "$z"],
      ["a|b c|X Y||it's|$z"],
      ["a 'b c' 'X Y' '' 'it'\\''s' '$z'"],
    ],
    [["FOO=1"], ["X"], ["sh|-c|FOO=1 X"], ["FOO=1"]],
    [["vt run u"], ["X"], ["vt|run|u|X"], ["vt run u X"]],
    [["a"], ["--", "-v", "@x/y:z=1,2%+"], ["a|--|-v|@x/y:z=1,2%+"], ["a -- -v @x/y:z=1,2%+"]],
    [["a && b"], [], ["a", "b"], ["a", "b"]],
    [[""], [], ["sh|-c|"], [""]],
    [[], ["X"], [], []],
  ])("%j with %j", (commands, extraArgs, words, texts) => {
    const result = commandsOf(task(commands), extraArgs);
    expect(result.map((command) => command.words.join("|"))).toEqual(words);
    expect(result.map((command) => command.text)).toEqual(texts);
    expect(result.map((command) => command.extraArgs)).toEqual(
      result.map((_, index) => (index === result.length - 1 ? extraArgs : [])),
    );
  });
});

test("pre and post scripts run around a script, in the same node, and get no arguments", () => {
  const script = task(["a && b"], { origin: "script", hooks: { pre: "p && q", post: "r" } });
  const result = commandsOf(script, ["X"]);
  expect(
    result.map((command) => [
      command.index,
      command.script ?? "",
      command.words.join("|"),
      command.isFirstOfScript,
    ]),
  ).toEqual([
    [0, "pret", "p", true],
    [1, "pret", "q", false],
    [2, "t", "a", true],
    [3, "t", "b|X", false],
    [4, "postt", "r", true],
  ]);
});

test("the commands of a list are one script: a directory entered in one holds for the next", () => {
  const result = commandsOf(task(["cd src && a", "b"]), []);
  expect(result.map((command) => command.isFirstOfScript)).toEqual([true, false, false]);
});

test("a command that needs a shell does not make the others need one", () => {
  expect(commandsOf(task(["a", "b $x", "c"]), []).map((command) => command.isShell)).toEqual([
    false,
    true,
    false,
  ]);
});

test("a NUL character is refused, since no program can be given one", () => {
  expect(() => commandsOf(task(["a 'b\0c'"]), [])).toThrow("contains a NUL character");
});
