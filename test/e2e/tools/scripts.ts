import { aliased, typescript } from "./compilers.ts";
import type { Tool } from "./tool.ts";

const page = {
  files: {
    "src/page.txt": "The word is alpha.\n",
    "src/run.sh": "echo run\n",
    "src/deep/a.txt": "a\n",
  },
  edit: { path: "src/page.txt", from: "alpha", to: "omega" },
} as const;

const afterCopying = `mv dist/page.txt dist/index.txt
sed -i 's/word/WORD/' dist/index.txt
chmod +x dist/run.sh
ln -sf index.txt dist/latest
mkdir -p dist/empty
`;

export const scripts: readonly Tool[] = [
  {
    name: "cp -r, mv, sed -i",
    command: "sh build.sh",
    makes: ["dist"],
    files: { ...page.files, "build.sh": `rm -rf dist\ncp -r src dist\n${afterCopying}` },
    edit: page.edit,
  },
  {
    name: "cp -r, mv, sed -i onto what is there",
    command: "sh build.sh",
    makes: ["dist"],
    files: { ...page.files, "build.sh": `mkdir -p dist\ncp -r src/. dist\n${afterCopying}` },
    edit: page.edit,
  },
  {
    name: "python",
    command: "python3 main.py",
    makes: ["out", "words/__pycache__"],
    files: {
      "main.py": `from words import word
from pathlib import Path
Path("out").mkdir(exist_ok=True)
Path("out/word.txt").write_text(word.upper() + "\\n")
print(word)
`,
      "words/__init__.py": "from words.one import word\n",
      "words/one.py": 'word = "alpha"\n',
    },
    edit: { path: "words/one.py", from: "alpha", to: "omega" },
  },
];

/** Command lines whose items are one to the cache. */
export const units: readonly Tool[] = [
  { name: "rm && tsc", command: "rm -rf dist && tsc", makes: ["dist"], ...typescript },
  {
    name: "mkdir && cp",
    command: "mkdir -p dist && cp src/page.txt src/run.sh dist/",
    makes: ["dist"],
    ...page,
  },
  {
    name: "tsc && tsc-alias",
    command: "tsc && tsc-alias",
    makes: ["dist"],
    ...aliased,
  },
  {
    name: "tsc && chmod",
    command: "tsc && chmod +x dist/index.js",
    makes: ["dist"],
    ...typescript,
  },
];
