import { expect, test } from "bun:test";
import { printable, resolvePath } from "../../src/base/path.ts";
import { loadPackages } from "../../src/workspace/package-graph.ts";
import { findWorkspace } from "../../src/workspace/root.ts";
import { temporaryDirectory } from "../harness/temporary-directory.ts";
import { type Files, writeFiles } from "./write-files.ts";

/** Where `vt` finds itself when it is started in `cwd`: the root, "." for that of the files, and the packages. */
async function look(files: Files, cwd: string) {
  await using directory = await temporaryDirectory();
  writeFiles(directory.path, files);
  const workspace = await findWorkspace(resolvePath(directory.path, cwd));
  const root = workspace.root.slice(directory.path.length + 1);
  return { root, packages: [...loadPackages(workspace).packages.keys()].map(printable) };
}

const pnpm = (...patterns: readonly string[]) =>
  `packages:\n${patterns.map((pattern) => `  - ${JSON.stringify(pattern)}\n`).join("")}`;

const members = {
  "packages/a/package.json": "{}",
  "packages/b/package.json": "{}",
  "packages/b/src/x.ts": "",
  "packages/notes/README.md": "",
  "packages/b/node_modules/c/package.json": "{}",
  "tools/x/y/package.json": "{}",
};

const cases: Readonly<
  Record<string, readonly [files: Files, cwd: string, root: string, packages: readonly string[]]>
> = {
  "a pnpm workspace": [
    { ...members, "package.json": "{}", "pnpm-workspace.yaml": pnpm("packages/*") },
    "packages/b/src",
    "",
    ["", "packages/a", "packages/b"],
  ],
  "`./` and `/` around a pattern": [
    { ...members, "pnpm-workspace.yaml": pnpm("./packages/*/", ".") },
    "packages/a",
    "",
    ["", "packages/a", "packages/b"],
  ],
  "a pattern with `**`, which passes over node_modules": [
    { ...members, "pnpm-workspace.yaml": pnpm("**") },
    "",
    "",
    ["", "packages/a", "packages/b", "tools/x/y"],
  ],
  "a pattern that takes away": [
    { ...members, "pnpm-workspace.yaml": pnpm("**", "!packages/a") },
    "",
    "",
    ["", "packages/b", "tools/x/y"],
  ],
  "the last pattern that matches": [
    { ...members, "pnpm-workspace.yaml": pnpm("packages/*", "!packages/*", "packages/b") },
    "",
    "",
    ["", "packages/b"],
  ],
  "a pnpm-workspace.yaml without packages": [
    { ...members, "pnpm-workspace.yaml": "catalog: {}\n" },
    "",
    "",
    [""],
  ],
  "an empty pnpm-workspace.yaml": [{ ...members, "pnpm-workspace.yaml": "" }, "", "", [""]],
  "a list of workspaces": [
    { ...members, "package.json": { workspaces: ["packages/*", "tools/x/y"] } },
    "tools/x/y",
    "",
    ["", "packages/a", "packages/b", "tools/x/y"],
  ],
  "workspaces as Yarn's object": [
    { ...members, "package.json": { workspaces: { packages: ["packages/b"], nohoist: ["x"] } } },
    "",
    "",
    ["", "packages/b"],
  ],
  "pnpm-workspace.yaml beside workspaces": [
    {
      ...members,
      "package.json": { workspaces: ["tools/x/y"] },
      "pnpm-workspace.yaml": pnpm("packages/a"),
    },
    "",
    "",
    ["", "packages/a"],
  ],
  "the nearest of two workspaces": [
    {
      "pnpm-workspace.yaml": pnpm("inner"),
      "inner/package.json": { workspaces: ["p"] },
      "inner/p/package.json": "{}",
    },
    "inner/p",
    "inner",
    ["", "p"],
  ],
  "a package that the workspace leaves out": [
    { ...members, "pnpm-workspace.yaml": pnpm("packages/*") },
    "tools/x/y",
    "tools/x/y",
    [""],
  ],
  "a directory of the workspace outside all packages": [
    { ...members, "pnpm-workspace.yaml": pnpm("packages/*") },
    "tools/x",
    "",
    ["", "packages/a", "packages/b"],
  ],
  "a lone package, from below": [
    { "p/package.json": "\ufeff{}", "p/src/deep/x.ts": "" },
    "p/src/deep",
    "p",
    [""],
  ],
  "a name with glob characters": [
    { "package.json": { workspaces: ["packages/\\[a\\]"] }, "packages/[a]/package.json": "{}" },
    "",
    "",
    ["", "packages/[a]"],
  ],
  "a package.json that is a directory": [
    { "package.json": { workspaces: ["*"] }, "a/package.json/x": "", "b/package.json": "{}" },
    "",
    "",
    ["", "b"],
  ],
};

for (const [what, [files, cwd, root, packages]] of Object.entries(cases)) {
  test(`${what} is found`, async () => {
    expect<unknown>(await look(files, cwd)).toEqual({ root, packages });
  });
}

test("where there is no package at all is an error", async () => {
  expect(look({ "x/y": "" }, "x")).rejects.toThrow("No package.json found in ");
});

test("a package.json that cannot be parsed on the way up is an error that names it", async () => {
  const files = {
    ...members,
    "pnpm-workspace.yaml": pnpm("packages/*"),
    "packages/b/package.json": "{",
  };
  expect(look(files, "packages/b/src")).rejects.toThrow(
    "/packages/b/package.json:1:2: expected a key",
  );
});
