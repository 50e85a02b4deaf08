import { expect, test } from "bun:test";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { absolutePath } from "../../src/base/path.ts";
import { createProgramFinder, describeNotFound, searchPrograms } from "../../src/plan/program.ts";

function temporaryDirectory() {
  const path = mkdtempSync(`${tmpdir()}/vt-program-`);
  return {
    path,
    program: (name: string, mode = 0o755) => {
      writeFileSync(`${path}/${name}`, "");
      chmodSync(`${path}/${name}`, mode);
    },
    [Symbol.dispose]: () => rmSync(path, { recursive: true }),
  };
}

test("a program is the first executable file of its name in PATH", () => {
  using directory = temporaryDirectory();
  for (const name of ["one", "two", "three"]) mkdirSync(`${directory.path}/${name}`);
  mkdirSync(`${directory.path}/one/tool`); // a directory is no program
  directory.program("two/tool", 0o644); // nor is a file that must not be run
  directory.program("three/tool");
  directory.program("tool");
  symlinkSync("nowhere", `${directory.path}/one/broken`);
  symlinkSync("../three/tool", `${directory.path}/one/linked`);
  const find = createProgramFinder();
  const cwd = absolutePath(directory.path);
  const found = (name: string, searched: string | undefined) =>
    find({ name, cwd, path: searched })?.slice(cwd.length);

  const path = ["one", "two", "three"].map((name) => `${cwd}/${name}`).join(":");
  expect(found("tool", path)).toBe("/three/tool");
  expect(found("linked", path)).toBe("/one/linked");
  expect(found("broken", path)).toBeUndefined();
  expect(found("other", path)).toBeUndefined();
  expect(found("tool", "three")).toBe("/three/tool");
  expect(found("tool", `/nowhere:${cwd}/tool/x:`)).toBe("/tool");
  expect(found("tool", undefined)).toBeUndefined();
  expect(found("./three/tool", undefined)).toBe("/three/tool");
  expect(found("three/tool", path)).toBe("/three/tool");
  expect(found("./two/tool", path)).toBeUndefined();
  expect(found(`${cwd}/three/tool`, path)).toBe("/three/tool");
});

test("a finder looks at a path once, the next one at the disk as it is then", () => {
  using directory = temporaryDirectory();
  const request = { name: "tool", cwd: absolutePath(directory.path), path: "." };
  const find = createProgramFinder();
  expect(find(request)).toBeUndefined();
  directory.program("tool");
  expect(find(request)).toBeUndefined();
  expect(createProgramFinder()(request)).toBe(absolutePath(`${directory.path}/tool`));
});

test("a relative entry of PATH is one of the directory at hand, also for who has looked from another", () => {
  using directory = temporaryDirectory();
  for (const name of ["a", "b"]) mkdirSync(`${directory.path}/${name}`);
  directory.program("b/tool");
  const find = createProgramFinder();
  const from = (place: string, path: string) =>
    find({ name: "tool", cwd: absolutePath(`${directory.path}/${place}`), path });
  for (const path of ["/nowhere:.", "/nowhere::/nowhere", ".:/nowhere", "../b:/nowhere"]) {
    expect(from("a", path)).toBe(path.startsWith("..") ? from("b", path) : undefined);
    expect(from("b", path)).toBe(absolutePath(`${directory.path}/b/tool`));
  }
});

test("where a program was looked for is told in short, however long PATH is", () => {
  const [root, cwd] = [absolutePath("/w"), absolutePath("/w/a")];
  const search = (name: string, path: string | undefined): string =>
    describeNotFound({ name, cwd, path }, root).replace(/^.* looked in: /, "");
  const own = "/w/a/node_modules/.bin:/w/node_modules/.bin";
  expect(search("x", own)).toBe("a/node_modules/.bin, node_modules/.bin");
  expect(search("x", `${own}:/bin:/usr/bin:bin:/bin`)).toBe(
    "a/node_modules/.bin, node_modules/.bin, a/bin, PATH",
  );
  expect(search("x", "/w:/wider")).toBe("., PATH");
  expect(search("../x", "/b")).toBe("/w/x");
  expect(search("x", undefined)).toBe("nowhere, since PATH is not set");
});

test("a program is expected at the path that is asked for, or where something in the workspace is in its place, before any other of its name", () => {
  using directory = temporaryDirectory();
  const [root, cwd] = [absolutePath(directory.path), absolutePath(`${directory.path}/w`)];
  for (const name of ["w", "w/bin", "elsewhere"]) mkdirSync(`${root}/${name}`);
  symlinkSync("../dist/linked", `${cwd}/bin/linked`);
  directory.program("w/bin/readable", 0o644);
  directory.program("w/bin/tool");
  for (const name of ["linked", "tool"]) directory.program(`elsewhere/${name}`);
  symlinkSync("nowhere", `${root}/elsewhere/broken`);
  const expected = (name: string, path: string | undefined): string | undefined =>
    searchPrograms(cwd).locate({ name, cwd, path }).expected?.slice(root.length);

  expect(expected("linked", `${cwd}/bin:${root}/elsewhere`)).toBe("/w/bin/linked");
  expect(expected("linked", `${root}/elsewhere:${cwd}/bin`)).toBeUndefined();
  expect(expected("readable", "bin")).toBe("/w/bin/readable");
  expect(expected("tool", "bin")).toBeUndefined();
  expect(expected("absent", "bin")).toBeUndefined();
  expect(expected("broken", `${root}/elsewhere`)).toBeUndefined(); // who should make it?
  expect(expected("linked", undefined)).toBeUndefined();
  expect(expected("./absent", undefined)).toBe("/w/absent");
  expect(expected("./bin/readable", undefined)).toBe("/w/bin/readable");
  expect(expected("./bin/tool", undefined)).toBeUndefined();
  expect(expected("../absent", undefined)).toBe("/absent");

  const told = (name: string): string =>
    describeNotFound({ name, cwd, path: `${cwd}/bin:/` }, cwd).replace(/^.*?; /, "");
  expect(told("linked")).toBe("looked in: bin, PATH; bin/linked is a link to what is not there");
  expect(told("./bin/readable")).toBe(
    `looked in: ${cwd}/bin/readable; bin/readable is not executable`,
  );
});
