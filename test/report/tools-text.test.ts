import { describe, expect, test } from "bun:test";
import { workspacePath } from "../../src/base/path.ts";
import type { ToolSummary } from "../../src/execute/tool-summary.ts";
import { describeTools } from "../../src/report/tools-text.ts";

const nothing: ToolSummary = {
  ignoredInputs: [],
  ignoredOutputs: [],
  isUncacheable: false,
  env: [],
  envQueries: [],
  uncountedEnv: [],
};

const path = workspacePath;
const many = Array.from({ length: 23 }, (_, index) => `A${index}`);

describe("what tools declared is told in a line each", () => {
  test.each<[Partial<ToolSummary>, string[]]>([
    [{}, []],
    [{ isUncacheable: true }, ["→ Tool: asked not to be cached"]],
    [
      {
        ignoredInputs: [
          { path: path("dist"), removed: 2 },
          { path: path(""), removed: 1 },
        ],
      },
      ["→ Tool: ignored as input: 'dist' (2 paths), workspace root (1 path)"],
    ],
    [
      { ignoredOutputs: [{ path: path("a\u001b[2J"), removed: 0 }] },
      ["→ Tool: ignored as output: 'a\\x1b[2J' (0 paths)"],
    ],
    [
      { env: ["A"], envQueries: [{ text: "X_*", matches: 2 }], uncountedEnv: ["CI"] },
      ["→ Tool: env that counts: 'A', 'X_*' (2 set)", "→ Tool: env that does not: 'CI'"],
    ],
    [
      { env: many },
      [
        `→ Tool: env that counts: ${many
          .slice(0, 20)
          .map((name) => `'${name}'`)
          .join(", ")} and 3 more`,
      ],
    ],
  ])("%j", (said, lines) => {
    expect([...describeTools({ ...nothing, ...said })]).toEqual(lines);
  });
});
