import { expect, test } from "bun:test";
import { chmodSync, mkdirSync, readdirSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { HeldDirectories } from "../../src/archive/held-directories.ts";
import { workspacePath } from "../../src/base/path.ts";
import { Sandbox } from "./sandbox.ts";

test("a path keeps its meaning when a directory above it is replaced by a link", () => {
  using sandbox = new Sandbox();
  sandbox.directory("dist/deep");
  using held = new HeldDirectories(sandbox.root);
  const path = held.at(workspacePath("dist/deep/file"));
  renameSync(sandbox.at("dist"), sandbox.at("moved"));
  symlinkSync(sandbox.outside, sandbox.at("dist"));
  mkdirSync(`${sandbox.outside}/deep`);
  writeFileSync(path, "held");
  expect(readdirSync(`${sandbox.outside}/deep`)).toEqual([]);
  expect(readdirSync(sandbox.at("moved/deep"))).toEqual(["file"]);
});

test("a link is not entered, wherever it leads", () => {
  using sandbox = new Sandbox();
  sandbox.directory("real/deep");
  symlinkSync("real", sandbox.at("inner"));
  symlinkSync(sandbox.outside, sandbox.at("outer"));
  using held = new HeldDirectories(sandbox.root);
  for (const path of ["inner/file", "inner/deep/file", "outer/canary"])
    expect(() => held.at(workspacePath(path))).toThrow(/ENOTDIR|ELOOP/);
});

test("more directories than can be held at once are held one after another", () => {
  using sandbox = new Sandbox();
  using held = new HeldDirectories(sandbox.root);
  for (let number = 0; number < 600; number += 1) {
    mkdirSync(held.at(workspacePath(`d${number}`)));
    writeFileSync(held.at(workspacePath(`d${number}/file`)), "");
  }
  const open = readdirSync("/proc/self/fd").length;
  expect(open).toBeLessThan(400);
  expect(readdirSync(sandbox.root)).toHaveLength(600);
});

test("the mode of a held directory can be set though nobody may read it", () => {
  using sandbox = new Sandbox();
  sandbox.directory("dist", 0o300);
  using held = new HeldDirectories(sandbox.root);
  chmodSync(held.directory(workspacePath("dist")), 0o755);
  expect(sandbox.picture()["dist"]).toBe("directory 755");
});
