import { describe, expect, test } from "bun:test";
import { mkdir, writeFile } from "node:fs/promises";
import type { AbsolutePath } from "../../src/base/path.ts";
import type { Access } from "../../src/trace/access.ts";
import type { TraceMode } from "../../src/trace/step-trace.ts";
import { temporaryDirectory } from "../harness/temporary-directory.ts";
import { compileC, runTraced, type TracedRun } from "./run-traced.ts";
import { runUnderStrace, type Touch } from "./strace.ts";

type Program = {
  readonly name: string;
  readonly command: TracedRun["command"];
  readonly prepare?: (directory: AbsolutePath) => Promise<unknown>;
  /** Where the preload library alone sees all of it. */
  readonly modes: readonly TraceMode[];
};

const both: readonly TraceMode[] = ["full", "preload"];

/** Looks, lists, changes and removes, by calls of the C library or of the kernel. */
const calls = `
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#ifdef DIRECT
#define open(path, flags, mode) syscall(SYS_openat, AT_FDCWD, path, flags, mode)
#define stat(path, out) syscall(SYS_newfstatat, AT_FDCWD, path, out, 0)
#define mkdir(path, mode) raw(SYS_mkdirat, AT_FDCWD, (long)path, mode, 0)
#define rename(from, to) raw(SYS_renameat2, AT_FDCWD, (long)from, AT_FDCWD, (long)to)
#define unlink(path) raw(SYS_unlinkat, AT_FDCWD, (long)path, 0, 0)
static long raw(long n, long a, long b, long c, long d) {
  long r; register long r10 __asm__("r10") = d; register long r8 __asm__("r8") = 0;
  __asm__ volatile("syscall" : "=a"(r) : "0"(n), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8) : "rcx", "r11", "memory");
  return r;
}
#endif
int main(void) {
  struct stat status; char bytes[64];
  stat("src/a.txt", &status); stat("src/missing.txt", &status); stat("./src//b.txt", &status);
  close(open("src/a.txt", O_RDONLY, 0)); open("src/gone/x", O_RDONLY, 0);
  mkdir("out", 0777); mkdir("out", 0777);
  int fd = open("out/one", O_CREAT | O_EXCL | O_WRONLY, 0644); write(fd, "1", 1); close(fd);
  rename("out/one", "out/two"); unlink("out/one");
  fd = open("out/two", O_RDWR, 0); close(fd);
  symlink("../src/a.txt", "out/link"); readlink("out/link", bytes, sizeof bytes);
  DIR *directory = opendir("src"); while (readdir(directory)) ; closedir(directory);
  unlink("out/two");
  return 0;
}`;

const nodeScript = `
const fs = require("node:fs");
const { execFileSync } = require("node:child_process");
fs.readFileSync("src/a.txt"); fs.existsSync("src/none"); fs.readdirSync("src");
fs.mkdirSync("dist/deep", { recursive: true });
fs.writeFileSync("dist/deep/x.js", "1"); fs.renameSync("dist/deep/x.js", "dist/y.js");
fs.copyFileSync("src/b.txt", "dist/b.txt"); fs.symlinkSync("b.txt", "dist/c"); fs.realpathSync("dist/c");
fs.appendFileSync("dist/log", "1"); fs.rmSync("dist/deep", { recursive: true });
fs.promises.readFile("src/b.txt").then(() => fs.stat("src/late", () => execFileSync("cat", ["src/a.txt"])));
new (require("node:worker_threads").Worker)("require('fs').readFileSync('src/b.txt'); require('fs').statSync('src')", { eval: true });
`;

const bunScript = `
import { readdirSync, readFileSync } from "node:fs";
readFileSync("src/a.txt"); readdirSync("src");
await Bun.write("dist/made.txt", await Bun.file("src/b.txt").text());
console.log(await Bun.file("src/none").exists());
`;

const shellScript = `
cat src/a.txt > copy; mkdir -p d/e; cp src/b.txt d/e/; mv copy d/moved; ls -l d > listing
[ -e missing ] || touch made; ln -s made link; readlink link; rm -r d; find src -type f; cd src && cat ./b.txt
`;

const pythonScript = `
import os, shutil, glob
open("src/a.txt").read(); os.makedirs("out/deep", exist_ok=True); shutil.copy("src/b.txt", "out/deep/b")
os.listdir("src"); os.path.exists("nope"); sorted(glob.glob("src/*.txt")); os.rename("out/deep/b", "out/b")
os.unlink("out/b"); shutil.rmtree("out")
`;

const gitScript = `
git init -q . && git add src && git -c user.name=n -c user.email=e commit -q -m m && git status --short
git checkout -q -b other && git log --oneline
`;

const programs: readonly Program[] = [
  {
    name: "node, with its thread pool, a worker and a child",
    command: ["node", "script.cjs"],
    prepare: (directory) => writeFile(`${directory}/script.cjs`, nodeScript),
    modes: both,
  },
  {
    name: "a dynamic C program",
    command: ["./program"],
    prepare: (directory) => compileC(directory, { name: "program", source: calls }),
    modes: both,
  },
  {
    name: "a static C program",
    command: ["./program"],
    prepare: (directory) =>
      compileC(directory, { name: "program", source: calls, flags: ["-static"] }),
    modes: ["full"],
  },
  {
    name: "a C program that calls the kernel without libc",
    command: ["./program"],
    prepare: (directory) =>
      compileC(directory, { name: "program", source: calls, flags: ["-DDIRECT"] }),
    modes: ["full"],
  },
  { name: "bash and coreutils", command: ["bash", "-c", shellScript], modes: both },
  { name: "python", command: ["python3", "-c", pythonScript], modes: both },
  { name: "git", command: ["bash", "-c", gitScript], modes: both },
  {
    name: "a script run by Bun",
    command: [process.execPath, "script.mjs"],
    prepare: (directory) => writeFile(`${directory}/script.mjs`, bunScript),
    modes: ["full"],
  },
];

describe.skipIf(Bun.which("strace") === null)("strace sees nothing more", () => {
  const rows = programs.flatMap((program) => program.modes.map((mode) => ({ ...program, mode })));
  test.each(rows)("of $name than the tracer in mode $mode (needs strace)", async (row) => {
    const expected = await inFreshDirectory(row, runUnderStrace);
    const { accesses, trace } = await inFreshDirectory(row, (run) =>
      runTraced({ ...run, mode: row.mode }),
    );
    const seen = new Set(accesses.flatMap(touches));
    expect(missing(expected, seen)).toEqual([]);
    expect(strangers(expected, seen)).toEqual([]);
    expect(expected.size).toBeGreaterThan(5);
    if (row.mode === "full") expect(trace.incomplete).toEqual([]);
  });
});

async function inFreshDirectory<T>(
  program: Program,
  use: (run: TracedRun) => Promise<T>,
): Promise<T> {
  await using directory = await temporaryDirectory();
  await mkdir(`${directory.path}/src`);
  await writeFile(`${directory.path}/src/a.txt`, "a\n");
  await writeFile(`${directory.path}/src/b.txt`, "b\n");
  await program.prepare?.(directory.path);
  return await use({ directory: directory.path, command: program.command });
}

function touches({ kind, path, target }: Access): string[] {
  if (path.startsWith("/")) return [];
  const at = (touch: Touch, where: string): string => `${touch} ${where.replace(/\/\.$/, "")}`;
  switch (kind) {
    case "read":
    case "probe":
    case "readlink":
      return [at("look", path)];
    case "list":
      return [at("list", path), at("look", path)];
    case "execute":
      return [at("execute", path)];
    default:
      return [at("change", path), ...(target === undefined ? [] : [at("change", target)])];
  }
}

/** git names its temporary files at random. */
const varying = /\.git\/(t\w{6}$|objects\/)/;

function missing(expected: ReadonlySet<string>, seen: ReadonlySet<string>): string[] {
  return [...expected].filter((entry) => !seen.has(entry) && !varying.test(entry));
}

/** Paths that the tracer names and strace does not. */
function strangers(expected: ReadonlySet<string>, seen: ReadonlySet<string>): string[] {
  const pathOf = (entry: string): string => entry.slice(entry.indexOf(" ") + 1);
  const known = new Set([...expected].map(pathOf));
  return [...seen].filter((entry) => !known.has(pathOf(entry)) && !varying.test(entry));
}
