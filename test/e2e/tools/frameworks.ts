import type { Tool } from "./tool.ts";

export const frameworks: readonly Tool[] = [
  {
    name: "astro",
    command: "astro build",
    makes: [".astro", "dist"],
    files: {
      "src/pages/index.astro":
        '---\nimport { word } from "../word.js";\n---\n<html lang="en"><body><p>{word}</p></body></html>\n',
      "src/word.js": 'export const word = "alpha";\n',
    },
    edit: { path: "src/word.js", from: "alpha", to: "omega" },
  },
];

/** Take too long for `npm test`; `npm run slow-tools` plays them. */
export const slowFrameworks: readonly Tool[] = [
  {
    name: "next",
    command: "next build",
    makes: [".next"],
    files: {
      "app/layout.jsx":
        'export default ({ children }) => <html lang="en"><body>{children}</body></html>;\n',
      "app/page.jsx": 'import { word } from "../word.js";\nexport default () => <p>{word}</p>;\n',
      "word.js": 'export const word = "the-first-word";\n',
    },
    edit: { path: "word.js", from: "the-first-word", to: "the-second-word" },
  },
];
