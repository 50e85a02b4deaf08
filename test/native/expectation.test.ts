import { expect, test } from "bun:test";
import {
  chmodSync,
  mkdirSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { inWorkspace, workspacePath } from "../../src/base/path.ts";
import { decodePath } from "../../src/base/path-bytes.ts";
import { areMet, type Expectation, packExpectations } from "../../src/native/expectation.ts";
import { statOne } from "../../src/native/stat-one.ts";
import { type TemporaryDirectory, temporaryDirectory } from "../harness/temporary-directory.ts";

const strange = decodePath(Uint8Array.of(0x61, 0xff));

function lay({ path: root }: TemporaryDirectory): Expectation[] {
  mkdirSync(`${root}/folder`);
  writeFileSync(`${root}/folder/file`, "text");
  writeFileSync(Buffer.from(`${root}/a\xff`, "latin1"), "");
  symlinkSync("nowhere", `${root}/link`);
  const names = ["folder/file", "none", "folder/file/below", "link", strange, ""];
  const exact = names.map((name) => ({ name, sameness: "all" as const }));
  return [{ name: "folder", sameness: "mode" as const }, ...exact].map(({ name, sameness }) => {
    const path = workspacePath(name);
    return { path, stamp: statOne(inWorkspace(root, path)), sameness };
  });
}

test("what stands as it stood is as expected", async () => {
  await using directory = await temporaryDirectory();
  expect(areMet(directory.path, packExpectations(lay(directory)))).toBe(true);
  expect(areMet(directory.path, packExpectations([]))).toBe(true);
});

const changes: readonly { readonly what: string; readonly change: (root: string) => void }[] = [
  { what: "content", change: (root) => writeFileSync(`${root}/folder/file`, "TEXT") },
  { what: "times", change: (root) => utimesSync(`${root}/folder/file`, 1, 1) },
  { what: "removal", change: (root) => rmSync(`${root}/link`) },
  { what: "creation", change: (root) => writeFileSync(`${root}/none`, "") },
  { what: "permissions of a folder", change: (root) => chmodSync(`${root}/folder`, 0o700) },
  {
    what: "a name that is not UTF-8",
    change: (root) => rmSync(Buffer.from(`${root}/a\xff`, "latin1")),
  },
  { what: "the root", change: (root) => writeFileSync(`${root}/new`, "") },
];

test.each(changes)("a change of $what is seen", async ({ change }) => {
  await using directory = await temporaryDirectory();
  const expectations = packExpectations(lay(directory));
  change(directory.path);
  expect(areMet(directory.path, expectations)).toBe(false);
});

test("what is in a folder is no concern of an expectation about its mode", async () => {
  await using directory = await temporaryDirectory();
  const folder = lay(directory).slice(0, 1);
  writeFileSync(`${directory.path}/folder/new`, "");
  expect(areMet(directory.path, packExpectations(folder))).toBe(true);
});

test("of many paths a change of any one is seen", async () => {
  await using directory = await temporaryDirectory();
  const names = Array.from({ length: 3000 }, (_, index) => workspacePath(`file-${index}`));
  const expectations = names.map((path, index): Expectation => {
    const at = inWorkspace(directory.path, path);
    writeFileSync(at, "");
    return { path, stamp: statOne(at), sameness: index % 3 === 0 ? "mode" : "all" };
  });
  const packed = packExpectations(expectations);
  expect(areMet(directory.path, packed)).toBe(true);
  for (const path of [0, 1, 374, 1024, 1499, 2998, 2999].flatMap((index) => names[index] ?? [])) {
    const at = inWorkspace(directory.path, path);
    const { mode } = statSync(at);
    chmodSync(at, mode ^ 0o040);
    expect(areMet(directory.path, packed)).toBe(false);
    chmodSync(at, mode);
    const renewed = expectations.map((one) =>
      one.path === path ? { ...one, stamp: statOne(at) } : one,
    );
    expectations.splice(0, renewed.length, ...renewed);
    packed.stamps.set(packExpectations(renewed).stamps);
    expect(areMet(directory.path, packed)).toBe(true);
  }
});
