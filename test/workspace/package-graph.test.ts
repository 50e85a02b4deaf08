import { expect, test } from "bun:test";
import { loadPackages, type PackageGraph } from "../../src/workspace/package-graph.ts";
import { findWorkspace } from "../../src/workspace/root.ts";
import { temporaryDirectory } from "../harness/temporary-directory.ts";
import { type Files, writeFiles } from "./write-files.ts";

async function load(files: Files): Promise<PackageGraph> {
  await using directory = await temporaryDirectory();
  writeFiles(directory.path, files);
  return loadPackages(await findWorkspace(directory.path));
}

const npm = { "package.json": { workspaces: ["packages/*"] } };
const pnpm = { "package.json": "{}", "pnpm-workspace.yaml": "packages: [packages/*]\n" };
const linking = {
  "package.json": "{}",
  "pnpm-workspace.yaml": "packages: [packages/*]\nlinkWorkspacePackages: deep\n",
};
const linkingByNpmrc = { ...pnpm, ".npmrc": "link-workspace-packages = true\n" };

const everywhere = [npm, pnpm, linking, linkingByNpmrc];
const byRange = [npm, linking, linkingByNpmrc];

/** `a` depends on `b` 1.2.3 by this range: which kinds of workspace see an edge? */
const ranges: readonly (readonly [range: string, linked: readonly Files[], version?: string])[] = [
  ["workspace:*", everywhere],
  ["workspace:^", everywhere],
  ["workspace:^9.0.0", everywhere],
  ["workspace:b@*", everywhere],
  ["workspace:../b", everywhere],
  ["file:../b", everywhere],
  ["link:../b", everywhere],
  ["portal:../b/", everywhere],
  ["*", byRange],
  ["", byRange],
  ["^1.0.0", byRange],
  ["~1.2", byRange],
  ["1.x || 2", byRange],
  [">=1.0.0 <2.0.0", byRange],
  ["1.0.0 - 2.0.0", byRange],
  ["v1.2.3", byRange],
  ["*", byRange, "1.0.0-beta.1"],
  ["*", byRange, ""],
  ["^1.0.0", [], ""],
  ["^1.0.0-beta", byRange, "1.0.0-beta.1"],
  ["^1.0.0", [], "1.0.0-beta.1"],
  ["^2.0.0", []],
  ["latest", []],
  ["npm:b@^1.0.0", []],
  ["catalog:", []],
  ["github:x/b", []],
  ["https://example.com/b.tgz", []],
  ["file:../c", []],
  ["git+ssh://x/y#1.2.3", []],
  [`1${"   1".repeat(60)}!`, []],
];

test.each(ranges)(
  "the range %p links a member in the right workspaces",
  async (range, linked, version = "1.2.3") => {
    for (const files of everywhere) {
      const graph = await load({
        ...files,
        "packages/a/package.json": { name: "a", dependencies: { b: range } },
        "packages/b/package.json": { name: "b", version },
      });
      const targets = (graph.edges.get("packages/a" as never) ?? []).map(({ target }) => target);
      expect<readonly string[]>(targets).toEqual(linked.includes(files) ? ["packages/b"] : []);
    }
  },
);

test("an edge names every field that makes it; optional dependencies are dependencies", async () => {
  const graph = await load({
    ...pnpm,
    "packages/a/package.json": {
      name: "a",
      peerDependencies: { b: "workspace:*" },
      devDependencies: { b: "workspace:*", alias: "workspace:c@*" },
      optionalDependencies: { d: "workspace:*" },
    },
    "packages/b/package.json": { name: "b" },
    "packages/c/package.json": { name: "c" },
    "packages/d/package.json": { name: "d" },
  });
  expect(graph.edges.get("packages/a" as never) as unknown).toEqual([
    { target: "packages/d", fields: ["dependencies"] },
    { target: "packages/b", fields: ["devDependencies", "peerDependencies"] },
    { target: "packages/c", fields: ["devDependencies"] },
  ]);
});

test("a package does not depend on itself, nor on names of elsewhere", async () => {
  const graph = await load({
    ...npm,
    "packages/a/package.json": {
      name: "a",
      dependencies: { a: "workspace:*", react: "workspace:*" },
    },
  });
  expect(graph.edges.get("packages/a" as never)).toEqual([]);
});

test("two packages may have one name until somebody depends on it", async () => {
  const doubled = {
    ...pnpm,
    "packages/a/package.json": { name: "same" },
    "packages/b/package.json": { name: "same" },
  };
  expect((await load(doubled)).packages.size).toBe(3);
  const used = {
    ...doubled,
    "packages/c/package.json": { name: "c", dependencies: { same: "workspace:*" } },
  };
  expect(load(used)).rejects.toThrow(
    "Duplicate package name `same` found at `packages/a` and `packages/b`; c depends on it",
  );
});

test("the root is a package, also without a manifest", async () => {
  const graph = await load({ "pnpm-workspace.yaml": "" });
  expect([...graph.packages.values()].map(({ path, name }) => [path, name] as const)).toEqual([
    ["" as never, ""],
  ]);
});
