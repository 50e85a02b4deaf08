import { expect, test } from "bun:test";
import { UserError } from "../../src/base/error.ts";
import { workspacePath } from "../../src/base/path.ts";
import { selectPackages } from "../../src/workspace/filter.ts";
import { parseFilters } from "../../src/workspace/filter-syntax.ts";
import { loadPackages, type PackageGraph } from "../../src/workspace/package-graph.ts";
import { findWorkspace } from "../../src/workspace/root.ts";
import { temporaryDirectory } from "../harness/temporary-directory.ts";
import { type Files, writeFiles } from "./write-files.ts";

const uses = (...names: readonly string[]) =>
  Object.fromEntries(names.map((name) => [name, "workspace:*"]));

/** app → @s/ui → core, site → core; `a` and `b` need each other; two packages are called `twin`. */
const files: Files = {
  "package.json": { name: "root", workspaces: ["packages/*", "more/*"] },
  "packages/app/package.json": { name: "app", dependencies: uses("@s/ui") },
  "packages/ui/package.json": { name: "@s/ui", dependencies: uses("core") },
  "packages/core/package.json": { name: "core" },
  "packages/site/package.json": { name: "site", devDependencies: uses("core") },
  "packages/nameless/package.json": {},
  "more/a/package.json": { name: "@x/a", dependencies: uses("@y/b") },
  "more/b/package.json": { name: "@y/b", dependencies: uses("@x/a") },
  "more/one/package.json": { name: "@x/twin" },
  "more/two/package.json": { name: "@y/twin" },
  "more/my (dir) x/package.json": { name: "spaced" },
};

async function load(): Promise<PackageGraph> {
  await using temporary = await temporaryDirectory();
  writeFiles(temporary.path, files);
  return loadPackages(await findWorkspace(temporary.path));
}

function select(graph: PackageGraph, values: readonly string[], from = ""): readonly string[] {
  const { packages, unmatched } = selectPackages(values.flatMap(parseFilters), {
    graph,
    directory: workspacePath(from),
    changedSince: (commit) =>
      new Set(commit === "HEAD~1" ? [workspacePath("packages/core"), workspacePath("more/b")] : []),
  });
  return [
    ...packages.map((path) => graph.packages.get(path)?.name || (path === "" ? "." : path)),
    ...unmatched.map(({ text }) => `no ${text}`),
  ];
}

const all = [
  ...["root", "@x/a", "@y/b", "spaced", "@x/twin", "@y/twin"],
  ...["app", "core", "packages/nameless", "site", "@s/ui"],
];

const selections: readonly (readonly [
  values: readonly string[],
  selected: readonly string[],
  from?: string,
])[] = [
  [["app"], ["app"]],
  [
    ["app", "core"],
    ["app", "core"],
  ],
  [["app core"], ["app", "core"]],
  [["*"], all.filter((name) => name !== "packages/nameless")],
  [["@x/*"], ["@x/a", "@x/twin"]],
  [["@*"], ["@x/a", "@y/b", "@x/twin", "@y/twin", "@s/ui"]],
  [["*twin"], ["@x/twin", "@y/twin"]],
  [["si?e"], ["site"]],
  [["ui"], ["@s/ui"]],
  [["u*"], ["@s/ui"]],
  [["tw*"], ["no tw*"]],
  [["nope"], ["no nope"]],
  [
    ["nope", "core"],
    ["core", "no nope"],
  ],
  [["app..."], ["app", "core", "@s/ui"]],
  [["app^..."], ["core", "@s/ui"]],
  [["...core"], ["app", "core", "site", "@s/ui"]],
  [["...^core"], ["app", "site", "@s/ui"]],
  [["...@s/ui..."], ["app", "core", "@s/ui"]],
  [["...^ui..."], ["app", "core", "@s/ui"]],
  [["core^..."], ["no core^..."]],
  [["a^..."], ["@x/a", "@y/b"]],
  [["!app"], all.filter((name) => name !== "app")],
  [["!app", "!...core"], all.filter((name) => !["app", "core", "site", "@s/ui"].includes(name))],
  [
    ["app...", "!core"],
    ["app", "@s/ui"],
  ],
  [
    ["!core", "app..."],
    ["app", "@s/ui"],
  ],
  [["core", "!nope"], ["core"]],
  [["."], ["root"]],
  [["."], ["app"], "packages/app"],
  [["./packages/app"], ["app"]],
  [["./packages/app/"], ["app"]],
  [["./packages"], ["no ./packages"]],
  [["packages/app"], ["no packages/app"]],
  [["./packages/*"], ["app", "core", "packages/nameless", "site", "@s/ui"]],
  [["./**"], all],
  [["./packages/**"], ["app", "core", "packages/nameless", "site", "@s/ui"]],
  [["./packages/{app,core}"], ["app", "core"]],
  [["../core"], ["core"], "packages/app"],
  [[".."], ["root"], "packages"],
  [["{packages/app}"], ["app"]],
  [["{packages/*}"], ["app", "core", "packages/nameless", "site", "@s/ui"]],
  [["{packages/app}..."], ["app", "core", "@s/ui"]],
  [["...{./packages/core}"], ["app", "core", "site", "@s/ui"]],
  [["{more/my (dir) x}"], ["spaced"]],
  [["*i*{packages/*}"], ["site", "@s/ui"]],
  [["core{more/*}"], ["no core{more/*}"]],
  [["!{packages/*}"], all.slice(0, 6)],
  [["[HEAD~1]"], ["@y/b", "core"]],
  [["...[HEAD~1]"], ["@x/a", "@y/b", "app", "core", "site", "@s/ui"]],
  [["{packages/*}[HEAD~1]"], ["core"]],
  [["@*[HEAD~1]"], ["@y/b"]],
  [["![HEAD~1]", "core", "app"], ["app"]],
  [["[HEAD]"], ["no [HEAD]"]],
];

test.each(selections)("the filters %j select %j", async (values, selected, from = "") => {
  expect(select(await load(), values, from)).toEqual([...selected]);
});

const mistakes: readonly (readonly [value: string, message: string])[] = [
  ["", "`--filter` is empty"],
  [" ", "`--filter` is empty"],
  ["...", "Invalid filter `...`"],
  ["!", "Invalid filter `!`"],
  ["!!app", "Invalid filter `!!app`"],
  ["{}", "Invalid filter `{}`"],
  ["a{b", "Invalid filter `a{b`"],
  [".hidden", "Invalid filter `.hidden`"],
  ["[--output=x]", "Invalid filter `[--output=x]`"],
  ["./app...", "Invalid filter `./app...`: `...` needs braces around a path"],
  ["...^./app", "Invalid filter `...^./app`: `...` needs braces around a path"],
  ["../..", "Invalid filter `../..`: the path resolves outside the workspace root"],
  ["./[", "Invalid filter `./[`: the path has a `[` that is never closed"],
  ["twin", "Package name `twin` is ambiguous: @x/twin (more/one), @y/twin (more/two)"],
  ["!twin", "Package name `twin` is ambiguous: @x/twin (more/one), @y/twin (more/two)"],
];

test.each(mistakes)("the filter %j is a mistake: %s", async (value, message) => {
  const graph = await load();
  let failure: unknown;
  try {
    select(graph, [value]);
  } catch (error) {
    failure = error;
  }
  expect(failure).toBeInstanceOf(UserError);
  expect((failure as UserError).message).toBe(message);
});
