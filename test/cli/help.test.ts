import { expect, test } from "bun:test";
import { commandNames } from "../../src/cli/command.ts";
import { helpText } from "../../src/cli/help.ts";
import { runOptionTable } from "../../src/task/run-options.ts";

const topics = ["vt", ...commandNames.filter((name) => name !== "help")] as const;

test.each(topics)("the help for %s fits into 80 columns and ends with one line break", (topic) => {
  const text = helpText(topic);
  expect(text.split("\n").filter((line) => line.length > 80 || line.endsWith(" "))).toEqual([]);
  expect(text).toMatch(/[^\n]\n$/);
});

test("the help for `vt run` names every option, with what it does beside or below it", () => {
  const text = helpText("run");
  for (const { name, about } of runOptionTable) {
    expect(text).toMatch(new RegExp(`--(\\[no-\\])?${name}\\b`));
    expect(text.replace(/\s+/g, " ")).toContain(about);
  }
  expect(text).toContain("  -r, --recursive              In every package");
  expect(text).toContain("      --[no-]cache             Turn the cache");
  expect(text).toContain("      --log <interleaved|labeled|grouped>\n");
});
