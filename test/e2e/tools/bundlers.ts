import type { Tool } from "./tool.ts";

const sources = {
  "src/index.js": 'import { word } from "./word.js";\nglobalThis.said = word;\n',
  "src/word.js": 'export const word = "alpha";\n',
};

const edit = { path: "src/word.js", from: "alpha", to: "omega" };

export const bundlers: readonly Tool[] = [
  {
    name: "vite",
    command: "vite build",
    makes: ["dist"],
    files: {
      "index.html":
        '<link rel="stylesheet" href="/src/a.css"><script type="module" src="/src/index.js"></script>\n',
      "public/robots.txt": "all\n",
      "src/a.css": "p { color: red }\n",
      "src/index.js": 'import("./word.js").then(({ word }) => { document.title = word; });\n',
      "src/word.js": sources["src/word.js"],
    },
    edit,
  },
  {
    name: "tsdown",
    command: "tsdown",
    makes: ["dist"],
    files: {
      "src/index.ts": 'export { word } from "./word.ts";\n',
      "src/word.ts": 'export const word: string = "alpha";\n',
    },
    edit: { ...edit, path: "src/word.ts" },
  },
  {
    name: "rollup",
    command: "rollup src/index.js --dir dist --format es --sourcemap",
    makes: ["dist"],
    files: sources,
    edit,
  },
  {
    name: "esbuild",
    command: "esbuild src/index.js --bundle --outfile=dist/index.js --sourcemap",
    makes: ["dist"],
    files: sources,
    edit,
  },
  { name: "webpack", command: "webpack --mode production", makes: ["dist"], files: sources, edit },
  {
    name: "bun build",
    command: "bun build src/index.js --outdir dist",
    makes: ["dist"],
    files: sources,
    edit,
  },
];
