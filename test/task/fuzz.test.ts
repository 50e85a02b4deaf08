import { expect, test } from "bun:test";
import { UserError } from "../../src/base/error.ts";
import { temporaryDirectory } from "../harness/temporary-directory.ts";
import { writeFiles } from "../workspace/write-files.ts";
import { loadContext, select } from "./query-workspace.ts";

/** Repeatable numbers from 0 up to `below`, for one seed. */
function dice(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const config = `{
  // everything there is
  "cache": { "scripts": true },
  "enablePrePostScripts": true,
  "tasks": {
    "x": { "command": ["a && b", "c"], "cwd": "src", "dependsOn": ["y", "a#z", { "task": "z", "from": ["dependencies"] }],
      "env": ["A", "!B_*"], "input": [{ "auto": true }, "!dist/**", { "pattern": "{a,b}/[!c]*", "base": "workspace" }], "output": [] },
    "y": "echo \\u00e9", "w": { "command": "v", "cache": { "output": ["x/../y/**"] } },
  },
}`;
const originals = {
  "vite-task.json": config,
  "package.json":
    '{ "name": "r", "version": "1.0.0", "scripts": { "s": "t" }, "dependencies": { "a": "workspace:*" } }',
  "pnpm-workspace.yaml":
    "packages:\n  - &p 'packages/*'\n  - \"!packages/no\"\nlinkWorkspacePackages: true\ncatalog: { a: ^1.0.0 }\n",
  "packages/a/package.json": '{ "name": "a", "scripts": { "z": "1" } }',
} as const;

const pieces = [
  "{",
  "}",
  "[",
  "]",
  '"',
  ",",
  ":",
  "\\",
  "\n",
  "*",
  "**",
  "&p",
  "*p",
  "-",
  "#",
  "/*",
  "//",
  "\0",
  "\t",
];
const more = [
  "null",
  "-0",
  "1e9",
  "true",
  '"__proto__"',
  "../",
  "!",
  "\ufeff",
  "\ud800",
  "é",
  "\u2028",
  "<<: *p",
  "---\n",
  "? ",
];

function mutate(text: string, roll: (below: number) => number): string {
  let result = text;
  for (let count = 1 + roll(3); count > 0; count--) {
    const from = roll(result.length + 1);
    const to = Math.min(result.length, from + roll(8));
    const all = [...pieces, ...more, result.slice(roll(result.length), roll(result.length))];
    const inserted = roll(3) === 0 ? "" : (all[roll(all.length)] ?? "");
    result = result.slice(0, from) + inserted + result.slice(to);
  }
  return result;
}

async function outcome(file: keyof typeof originals, text: string): Promise<string> {
  await using directory = await temporaryDirectory();
  writeFiles(directory.path, { ...originals, [file]: text });
  try {
    select(await loadContext(directory.path), ["-r", "x"]);
    return "fine";
  } catch (error) {
    if (error instanceof UserError) return error.message === "" ? "no message" : "refused";
    return `${String(error)} for ${JSON.stringify(text)}`;
  }
}

test("the files that are damaged in the fuzz are fine when they are not", async () => {
  expect(await outcome("vite-task.json", config)).toBe("fine");
});

test.each(Object.keys(originals) as (keyof typeof originals)[])(
  "damage to %s is read or refused, and never a crash",
  async (file) => {
    const outcomes = new Map<string, number>();
    for (let seed = 1; seed <= 200; seed++) {
      const result = await outcome(file, mutate(originals[file], dice(seed)));
      outcomes.set(result, (outcomes.get(result) ?? 0) + 1);
    }
    expect(
      [...outcomes.keys()].filter((result) => result !== "fine" && result !== "refused"),
    ).toEqual([]);
    expect(outcomes.get("refused")).toBeGreaterThan(20);
  },
);

const words = [
  "-r",
  "-t",
  "-w",
  "-v",
  "--",
  "-",
  "x",
  "a#z",
  "#",
  "##x",
  "--cache",
  "--no-cache",
  "--log",
  "labeled",
  "--log=x",
];
const moreWords = [
  "--concurrency-limit",
  "4",
  "-1",
  "--help",
  "-rtw",
  "--=",
  "",
  "\0",
  "\ud800",
  "--parallel",
  "--last-details",
  "--dry-run",
  "--json",
  "-q",
  "--fail-if-no-match",
  "--affected",
  "--affected=...x",
  "-F",
  "--filter=a",
  "...a...",
  "!a^...",
  "{packages/*}[x]",
  "./../[",
  "*{",
];

test("any command line is read or refused", async () => {
  await using directory = await temporaryDirectory();
  writeFiles(directory.path, originals);
  const context = await loadContext(directory.path);
  const all = [...words, ...moreWords];
  for (let seed = 1; seed <= 500; seed++) {
    const roll = dice(seed);
    const args = Array.from({ length: roll(5) }, () => all[roll(all.length)] ?? "");
    try {
      select(context, args);
    } catch (error) {
      if (!(error instanceof UserError)) throw new Error(JSON.stringify(args), { cause: error });
    }
  }
});
