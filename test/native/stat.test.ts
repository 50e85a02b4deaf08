import { expect, test } from "bun:test";
import { closeSync, mkdirSync, openSync, symlinkSync, writeFileSync } from "node:fs";
import { absolutePath, resolvePath } from "../../src/base/path.ts";
import { decodePath } from "../../src/base/path-bytes.ts";
import { isTerminal, openPipe } from "../../src/native/pipe.ts";
import { isExecutable, stampKind, stampSize } from "../../src/native/stamp.ts";
import { statBatch } from "../../src/native/stat.ts";
import { statOne } from "../../src/native/stat-one.ts";
import { temporaryDirectory } from "../harness/temporary-directory.ts";

test("stamps are the same with the native library and without", async () => {
  await using directory = await temporaryDirectory();
  const at = (name: string) => resolvePath(directory.path, name);
  const strange = decodePath(Buffer.from(`${directory.path}/\xff\xfe`, "latin1"));
  writeFileSync(at("file"), "twelve bytes");
  writeFileSync(at("tool"), "", { mode: 0o755 });
  writeFileSync(Buffer.from(`${directory.path}/\xff\xfe`, "latin1"), "x");
  mkdirSync(at("dir"));
  symlinkSync("nowhere", at("link"));
  const paths = [
    ...["file", "tool", "dir", "link", "none", "file/below"].map(at),
    absolutePath(strange),
    absolutePath("/"),
  ];
  const stamps = statBatch(paths);
  expect(stamps).toEqual(paths.map(statOne));
  expect(stamps.map(stampKind)).toEqual([
    ...(["file", "file", "directory", "link", "missing", "missing", "file", "directory"] as const),
  ]);
  expect(stamps[0] && stampSize(stamps[0])).toBe(12);
  expect(stamps.map(isExecutable).slice(0, 2)).toEqual([false, true]);
});

test("paths in a row have the stamps that each has alone, whatever their directory is", async () => {
  await using directory = await temporaryDirectory();
  const at = (name: string) => resolvePath(directory.path, name);
  const deep = `deep/${"d".repeat(200)}/${"e".repeat(200)}/${"f".repeat(200)}/${"g".repeat(200)}`;
  for (const name of ["one", "two", deep]) mkdirSync(at(name), { recursive: true });
  for (const name of ["one/a", "one/b", "two/a", "two/b", `${deep}/a`, `${deep}/b`])
    writeFileSync(at(name), name);
  symlinkSync("one", at("link"));
  symlinkSync("none", at("dangling"));
  const rows = ["one", "two", "link", "dangling", "none", "one/a", deep].flatMap((name) =>
    // A directory is held from the sixteenth path in a row on.
    Array.from({ length: 20 }, (_, index) => at(`${name}/${["a", "b", "none", "a"][index % 4]}`)),
  );
  const paths = [...rows, at("one"), at("two"), absolutePath("/"), absolutePath("/"), ...rows];
  expect(statBatch(paths)).toEqual(paths.map(statOne));
});

test("no path has no stamp, and a path with a NUL in it is refused", () => {
  expect(statBatch([])).toEqual([]);
  expect(() => statBatch([absolutePath("/a\0b"), absolutePath("/c")])).toThrow(TypeError);
});

test("a pipe can be opened again by name, and no child inherits it by accident", async () => {
  const pipe = openPipe() ?? { read: -1, write: -1 };
  const script = `echo text > /dev/stderr; ls /proc/self/fd | tr '\\n' ' '`;
  const child = Bun.spawn(["/bin/sh", "-c", script], { stdio: ["ignore", "pipe", pipe.write] });
  closeSync(pipe.write);
  const [fds, text] = await Promise.all([child.stdout.text(), Bun.file(pipe.read).text()]);
  closeSync(pipe.read);
  expect(text).toBe("text\n");
  expect(fds.trim().split(" ")).toEqual(["0", "1", "2", "3"]);
});

test("neither a file nor another device is a terminal", () => {
  for (const path of ["/dev/null", import.meta.path]) {
    const fd = openSync(path, "r");
    expect(isTerminal(fd)).toBe(false);
    closeSync(fd);
  }
});
