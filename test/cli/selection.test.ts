import { expect, test } from "bun:test";
import { plain } from "../../src/base/ansi.ts";
import {
  beginSelection,
  type Choice,
  pressKey,
  type Selection,
  splitKeys,
} from "../../src/cli/selection.ts";
import { describeSelection } from "../../src/report/selection-text.ts";

const choice = (name: string, group?: string): Choice => ({
  name,
  task: name.split("#").at(-1) ?? "",
  command: `run ${name}`,
  group,
});
const choices = [
  choice("build"),
  choice("test"),
  choice("app#build", "app (packages/app)"),
  choice("app#dev", "app (packages/app)"),
  choice("lib#build", "lib (packages/lib)"),
];

function press(start: Selection, ...keys: readonly string[]): ReturnType<typeof pressKey> {
  let now: ReturnType<typeof pressKey> = start;
  for (const key of keys) {
    if ("kind" in now) throw new Error("it had ended");
    now = pressKey(now, key);
  }
  return now;
}

const up = "\x1b[A";
const down = "\x1b[B";
const enter = "\r";

test.each([
  ["Enter takes the first", [enter], "build"],
  ["arrows move", [down, down, up, enter], "test"],
  ["past the end it begins anew", [up, enter], "lib#build"],
  ["so does past the beginning", [up, down, enter], "build"],
  ["what is typed narrows", [..."dev", enter], "app#dev"],
  ["Backspace takes back", [..."lix", "\x7f", enter], "lib#build"],
  ["Escape clears", [..."dev", "\x1b", enter], "build"],
  ["a key without a meaning is ignored", ["\x1b[5~", "\x00", "\t", enter], "build"],
] as const)("%s", (_rule, keys, name) => {
  const end = press(beginSelection(choices, ""), ...keys);
  expect(end).toEqual({ kind: "chosen", choice: expect.objectContaining({ name }) });
});

test("Ctrl-C and Ctrl-D abort, and Enter without a match does nothing", () => {
  const start = beginSelection(choices, "");
  expect(press(start, "\x03")).toEqual({ kind: "aborted" });
  expect(press(start, "\x04")).toEqual({ kind: "aborted" });
  const nothing = press(start, ..."zzz");
  expect(press(start, ..."zzz", enter)).toEqual(nothing);
  expect(press(start, ..."zzz", down)).toEqual(nothing);
});

test("a name that nothing answers to is not asked for, a part of one is", () => {
  expect(beginSelection(choices, "buidl").query).toBe("");
  expect(beginSelection(choices, "buld").matches.map(({ name }) => name)).toEqual([
    "build",
    "app#build",
    "lib#build",
  ]);
});

test("keys that come at once are told apart", () => {
  expect(splitKeys("ab\x1b[A\x1b[1;5C\x1bOBé\x1b\r")).toEqual([
    ..."ab",
    "\x1b[A",
    "\x1b[1;5C",
    "\x1bOB",
    "é",
    "\x1b",
    "\r",
  ]);
});

const screen = (selection: Selection, size = { rows: 24, columns: 60 }, header?: string) =>
  describeSelection({ header, ...selection }, size, plain);

test("tasks of the package here stand first, those of others under its name", () => {
  expect(screen(beginSelection(choices, ""), undefined, 'Task "x" not found.')).toEqual([
    'Task "x" not found.',
    "Select a task (↑/↓, Enter to run, type to search):",
    "",
    "  › build  run build",
    "    test   run test",
    "    app (packages/app)",
    "      build  run app#build",
    "      dev    run app#dev",
    "    lib (packages/lib)",
    "      build  run lib#build",
  ]);
});

test("without a match it says how to go back", () => {
  const nothing = press(beginSelection(choices, ""), ..."zz");
  if ("kind" in nothing) throw new Error("it has ended");
  expect(screen(nothing)).toEqual([
    "Select a task (↑/↓, Enter to run, type to search): zz",
    "",
    "  No matching tasks. Press Escape to clear search.",
  ]);
});

test("of many tasks those around the marked one are shown, and the number of the others", () => {
  const many = Array.from({ length: 30 }, (_, index) => choice(`t${index}`));
  const start = beginSelection(many, "");
  expect(screen(start)).toHaveLength(2 + 12 + 1);
  expect(screen(start).at(-1)).toBe("  (…18 more)");
  const moved = press(start, ...Array.from({ length: 20 }, () => down));
  if ("kind" in moved) throw new Error("it has ended");
  const lines = screen(moved);
  expect(lines).toContain("  › t20  run t20");
  expect(lines[2]).toBe("    t14  run t14");
});

test.each([80, 30, 12, 3, 1])("no line fills a terminal of %d columns", (columns) => {
  const wide = [choice("日本語日本語日本語"), choice("build-with-a-name-that-is-long-and-longer")];
  for (const line of screen(beginSelection(wide, ""), { rows: 10, columns }))
    expect(Bun.stringWidth(line)).toBeLessThan(Math.max(columns, 6));
});

test("a terminal with few lines is not filled", () => {
  const many = Array.from({ length: 30 }, (_, index) => choice(`t${index}`));
  expect(screen(beginSelection(many, ""), { rows: 8, columns: 40 }).length).toBeLessThan(8);
});
