import type { Tool } from "./tool.ts";

const word = {
  files: {
    "src/index.js": 'import { word } from "./word.js";\nconsole.log(word);\n',
    "src/word.js": 'export const word = "alpha";\n',
  },
  edit: { path: "src/word.js", from: "alpha", to: "omega" },
} as const;

const commonWord = {
  "src/word.cjs": 'module.exports = "alpha";\n',
  "test/word.test.cjs": `const word = require("../src/word.cjs");
it("has five letters: " + word, () => {
  if (word.length !== 5) throw new Error(word);
});
`,
};

const commonEdit = { path: "src/word.cjs", from: "alpha", to: "omega" };

/** Compilers, test runners and checkers that an installation of their own has. */
export const more: readonly Tool[] = [
  {
    name: "jest --coverage",
    command: "jest --verbose --coverage --testMatch '**/*.test.cjs'",
    makes: ["coverage"],
    files: commonWord,
    edit: commonEdit,
  },
  {
    name: "mocha",
    command: "mocha test/word.test.cjs",
    makes: [],
    files: commonWord,
    edit: commonEdit,
  },
  {
    name: "c8",
    command: "c8 --reporter=lcov node src/index.js",
    makes: ["coverage"],
    ...word,
  },
  {
    name: "babel",
    command: "babel src --out-dir dist --presets @babel/preset-env",
    makes: ["dist"],
    ...word,
  },
  { name: "swc", command: "swc src -d dist", makes: ["dist"], ...word },
  {
    name: "sass",
    command: "sass src:dist",
    makes: ["dist"],
    files: {
      "src/page.scss": '@use "colours";\np { color: colours.$text }\n',
      "src/_colours.scss": "$text: #aabbcc;\n",
    },
    edit: { path: "src/_colours.scss", from: "#aabbcc", to: "#ccbbaa" },
  },
  {
    name: "tailwindcss",
    command: "tailwindcss -i src/page.css -o dist/page.css",
    makes: ["dist"],
    files: {
      "src/page.css": '@import "tailwindcss";\n',
      "src/page.html": '<p class="text-red-500">word</p>\n',
    },
    edit: { path: "src/page.html", from: "text-red-500", to: "text-blue-500" },
  },
  {
    name: "biome lint",
    command: "biome lint src",
    makes: [],
    files: { "src/word.js": "const alpha = 1;\nconsole.log();\n", "biome.json": {} },
    edit: { path: "src/word.js", from: "alpha", to: "omega" },
  },
  {
    name: "oxlint",
    command: "oxlint src",
    makes: [],
    files: { "src/word.js": "var alpha = 1;\n" },
    edit: { path: "src/word.js", from: "alpha", to: "omega" },
  },
];
