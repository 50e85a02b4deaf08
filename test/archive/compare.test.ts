import { describe, expect, test } from "bun:test";
import { chmodSync, renameSync, utimesSync, writeFileSync } from "node:fs";
import { compareOutputs } from "../../src/archive/compare.ts";
import type { Manifest } from "../../src/archive/manifest.ts";
import { Sandbox, type Stored } from "./sandbox.ts";

/** A workspace with one output of each kind. */
async function storedSandbox(): Promise<{ sandbox: Sandbox; stored: Stored }> {
  const sandbox = new Sandbox();
  sandbox.file("dist/file", "content");
  sandbox.link("dist/link", "file");
  sandbox.directory("dist/empty");
  return { sandbox, stored: await sandbox.store() };
}

type Difference = { missing: string[]; edited: string[]; blocked: string[] };

async function compare(
  { root }: Sandbox,
  { manifest }: Stored,
  known?: Stored["stamps"],
): Promise<Difference> {
  const { missing, edited, blocked } = await compareOutputs({
    root,
    manifest,
    ...(known && { known }),
  });
  const pathsOf = (entries: Manifest) => entries.map((entry) => entry.path);
  return { missing: pathsOf(missing), edited: pathsOf(edited), blocked: [...blocked] };
}

const none: Difference = { missing: [], edited: [], blocked: [] };

const cases: [name: string, change: (sandbox: Sandbox) => void, difference: Partial<Difference>][] =
  [
    ["nothing was changed", () => undefined, {}],
    ["touched", (s) => utimesSync(s.at("dist/file"), 1, 1), {}],
    ["rewritten with the same content", (s) => s.file("dist/file", "content"), {}],
    [
      "another content of the same size",
      (s) => s.file("dist/file", "CONTENT"),
      { edited: ["dist/file"] },
    ],
    ["another size", (s) => s.file("dist/file", "more content"), { edited: ["dist/file"] }],
    ["another mode", (s) => chmodSync(s.at("dist/file"), 0o755), { edited: ["dist/file"] }],
    ["a mode above 0777", (s) => chmodSync(s.at("dist/file"), 0o4644), {}],
    [
      "a directory with another mode",
      (s) => chmodSync(s.at("dist/empty"), 0o700),
      { edited: ["dist/empty"] },
    ],
    ["a foreign file in a directory", (s) => s.file("dist/empty/foreign"), {}],
    ["the file is gone", (s) => s.remove("dist/file"), { missing: ["dist/file"] }],
    [
      "all is gone",
      (s) => s.remove("dist"),
      { missing: ["dist", "dist/empty", "dist/file", "dist/link"] },
    ],
    [
      "a link to the same content instead of the file",
      (s) => {
        renameSync(s.at("dist/file"), s.at("moved"));
        s.link("dist/file", "../moved");
      },
      { blocked: ["dist/file"] },
    ],
    [
      "a directory instead of the file",
      (s) => {
        s.remove("dist/file");
        s.directory("dist/file");
      },
      { blocked: ["dist/file"] },
    ],
    [
      "another target",
      (s) => {
        s.remove("dist/link");
        s.link("dist/link", "empty");
      },
      { edited: ["dist/link"] },
    ],
    [
      "a file instead of the link",
      (s) => {
        s.remove("dist/link");
        s.file("dist/link");
      },
      { blocked: ["dist/link"] },
    ],
    [
      "a directory instead of the link",
      (s) => {
        s.remove("dist/link");
        s.directory("dist/link");
      },
      { blocked: ["dist/link"] },
    ],
    [
      "a file instead of the directory",
      (s) => {
        s.remove("dist/empty");
        s.file("dist/empty");
      },
      { blocked: ["dist/empty"] },
    ],
    [
      "a link instead of the directory",
      (s) => {
        s.remove("dist/empty");
        s.link("dist/empty", "..");
      },
      { blocked: ["dist/empty"] },
    ],
    [
      "a link instead of the parent",
      (s) => {
        renameSync(s.at("dist"), s.at("real"));
        s.link("dist", "real");
      },
      { blocked: ["dist"] },
    ],
    [
      "a file instead of the parent",
      (s) => {
        s.remove("dist");
        s.file("dist");
      },
      { blocked: ["dist"] },
    ],
  ];

describe("what stands at the path of an output is left, replaced, or in the way", () => {
  test.each(cases)("%s", async (_, change, difference) => {
    const { sandbox, stored } = await storedSandbox();
    using held = sandbox;
    change(held);
    expect(await compare(held, stored)).toEqual({ ...none, ...difference });
    expect(await compare(held, stored, stored.stamps)).toEqual({ ...none, ...difference });
  });
});

test("a directory on the way that the step did not make is looked at, too", async () => {
  using sandbox = new Sandbox();
  sandbox.file("dist/file");
  const stored = await sandbox.store(["dist/file"]);
  renameSync(sandbox.at("dist"), `${sandbox.outside}/dist`);
  sandbox.link("dist", "../root-evil/dist");
  expect(await compare(sandbox, stored, stored.stamps)).toEqual({ ...none, blocked: ["dist"] });
});

test("a file with a known stamp is not read", async () => {
  using sandbox = new Sandbox();
  sandbox.file("file", "one");
  const stored = await sandbox.store();
  writeFileSync(sandbox.at("file"), "two");
  const { root } = sandbox;
  const { stamps } = await compareOutputs({ root, manifest: stored.manifest });
  expect(await compare(sandbox, stored, stamps)).toEqual(none);
});

test("the stamps of what is in place are good for the next comparison", async () => {
  const { sandbox, stored } = await storedSandbox();
  using held = sandbox;
  const { stamps } = await compareOutputs({ root: held.root, manifest: stored.manifest });
  expect(stamps).toEqual([...stored.stamps]);
});
