import type { Tool } from "./tool.ts";

export const checkers: readonly Tool[] = [
  {
    name: "vitest",
    command: "vitest run",
    makes: [],
    files: {
      "src/word.js": 'export const word = "alpha";\n',
      "src/word.test.js": `import { expect, test } from "vitest";
import { word } from "./word.js";
test("it has five letters", () => {
  console.log(word);
  expect(word.length).toBe(5);
});
`,
    },
    edit: { path: "src/word.js", from: "alpha", to: "omega" },
  },
  {
    name: "node --test",
    command: "node --test",
    makes: [],
    files: {
      "src/word.js": 'export const word = "alpha";\n',
      "test/word.js": `import assert from "node:assert";
import { test } from "node:test";
import { word } from "../src/word.js";
test(word, () => assert.equal(word.length, 5));
`,
    },
    edit: { path: "src/word.js", from: "alpha", to: "omega" },
  },
  {
    name: "eslint --cache",
    command: "eslint --cache .",
    makes: [".eslintcache"],
    files: {
      "eslint.config.js":
        'export default [{ rules: { "id-denylist": ["warn", "alpha", "omega"] } }];\n',
      "src/one.js": "export const alpha = 1;\n",
      "src/two.js": "export const two = 2;\n",
    },
    edit: { path: "src/one.js", from: "alpha", to: "omega" },
  },
  {
    name: "prettier --check",
    command: "prettier --check src",
    makes: [],
    files: {
      "src/one.js": "export const one = 1;\n",
      "src/two.js": "export const two = 2;\n",
    },
    edit: { path: "src/two.js", from: "const two", to: "const  two" },
    before: "All matched files use Prettier code style",
    after: "[warn] src/two.js",
    exitCode: 1,
  },
];
