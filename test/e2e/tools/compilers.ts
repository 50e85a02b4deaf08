import type { Tool } from "./tool.ts";

const tsconfig = {
  compilerOptions: {
    rootDir: "src",
    outDir: "dist",
    module: "nodenext",
    target: "esnext",
    declaration: true,
    types: [],
  },
  include: ["src"],
};

const reference = {
  compilerOptions: { ...tsconfig.compilerOptions, rootDir: ".", composite: true },
  include: ["*.ts"],
};

/** Two modules and an edit that reaches what is made of them. */
export const typescript = {
  files: {
    "tsconfig.json": tsconfig,
    "src/index.ts": 'export { word } from "./word.js";\nexport const size: number = 2;\n',
    "src/word.ts": 'export const word = "alpha";\n',
  },
  edit: { path: "src/word.ts", from: "alpha", to: "omega" },
} as const;

/** The same with an import that is rewritten in what was made of it. */
export const aliased = {
  ...typescript,
  files: {
    ...typescript.files,
    "tsconfig.json": {
      ...tsconfig,
      compilerOptions: { ...tsconfig.compilerOptions, paths: { "@/*": ["./src/*"] } },
    },
    "src/index.ts": 'export { word } from "@/word.js";\nexport const size: number = 2;\n',
  },
} as const;

/** Two projects, `app` on top of `core`, each with its own `dist` and record of what it built. */
export const references = {
  files: {
    "tsconfig.json": { files: [], references: [{ path: "app" }] },
    "core/tsconfig.json": {
      ...reference,
      compilerOptions: { ...reference.compilerOptions, outDir: "../dist/core", incremental: true },
    },
    "core/word.ts": 'export const word: string = "alpha";\n',
    "core/size.ts": "export const size: number = 2;\n",
    "app/tsconfig.json": {
      ...reference,
      compilerOptions: { ...reference.compilerOptions, outDir: "../dist/app", incremental: true },
      references: [{ path: "../core" }],
    },
    "app/main.ts": 'import { word } from "../core/word.js";\nexport const main = [word, "one"];\n',
    "app/other.ts": 'export { size } from "../core/size.js";\n',
  },
  edit: { path: "core/word.ts", from: "alpha", to: "omega" },
} as const;

export const compilers: readonly Tool[] = [
  { name: "tsc", command: "tsc", makes: ["dist"], ...typescript },
  {
    name: "tsc --incremental",
    command: "tsc --incremental --tsBuildInfoFile state.tsbuildinfo",
    makes: ["dist", "state.tsbuildinfo"],
    ...typescript,
  },
  { name: "tsc -b", command: "tsc -b", makes: ["dist"], ...references },
];
