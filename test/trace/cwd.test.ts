// The ways in which a process's working directory becomes another.
import { expect, test } from "bun:test";
import { mkdir, writeFile } from "node:fs/promises";
import type { AbsolutePath } from "../../src/base/path.ts";
import { traceModes } from "../../src/trace/trace-mode.ts";
import { temporaryDirectory } from "../harness/temporary-directory.ts";
import { compileC, lines, runTraced } from "./run-traced.ts";

/** Looks at `before`, leaves for `dir` in one of these ways, and looks at `after`. */
const ways = [
  { name: "chdir", leave: `chdir("dir");` },
  { name: "fchdir", leave: `fchdir(open("dir", O_PATH));` },
  { name: "a chdir by its number", leave: `syscall(SYS_chdir, "dir");` },
  { name: "an fchdir by its number", leave: `syscall(SYS_fchdir, open("dir", O_PATH));` },
  {
    name: "a chdir of another thread",
    leave: `pthread_t thread; pthread_create(&thread, 0, (void *)chdir, "dir"); pthread_join(thread, 0);`,
  },
  {
    name: "a chdir that was looked up by its name",
    leave: `((int (*)(const char *))dlsym(dlopen("libc.so.6", RTLD_NOW), "chdir"))("dir");`,
  },
  {
    name: "a chdir of a process that shares it",
    leave: `if (syscall(SYS_clone, CLONE_FS | SIGCHLD, 0, 0, 0, 0) == 0) { chdir("dir"); _exit(0); } wait(0);`,
  },
  { name: "a walk through a tree", leave: `nftw("dir", stay, 9, FTW_CHDIR | FTW_ACTIONRETVAL);` },
  { name: "a chdir in a fork", leave: `if (fork() > 0) { wait(0); return 0; } chdir("dir");` },
];

const driver = `
#include <dlfcn.h>
#include <fcntl.h>
#include <ftw.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
static int look(const char *path) { struct stat status; return stat(path, &status); }
static int stay(const char *path, const struct stat *status, int type, struct FTW *at) {
  if (at->level == 0) return FTW_CONTINUE;
  look("after");
  return FTW_STOP;
}
int main(int argc, char **argv) {
  look("before"); look("before-too");
  switch (atoi(argv[1])) {
${ways.map(({ leave }, index) => `    case ${index}: { ${leave} break; }`).join("\n")}
    case 100: if (vfork() == 0) { chdir("dir"); look("after"); _exit(0); } break;
    case 101: rename(argv[2], argv[3]); break;
    case 102: if (daemon(0, 1) != 0) return 1; break;
  }
  look("after");
  return 0;
}`;

async function run(
  directory: AbsolutePath,
  mode: (typeof traceModes)[number],
  args: readonly string[],
): Promise<{ readonly lines: readonly string[]; readonly code: number }> {
  const path = await compileC(directory, {
    name: "program",
    source: driver,
    flags: ["-pthread", "-ldl"],
  });
  await mkdir(`${directory}/dir`);
  await writeFile(`${directory}/dir/inner`, "");
  const { accesses, code } = await runTraced({ directory, mode, command: [path, ...args] });
  return { lines: lines(accesses), code };
}

const table = ways.flatMap(({ name }, index) => traceModes.map((mode) => ({ name, index, mode })));

test.each(table)("in mode $mode after $name a relative path is another", async (row) => {
  await using directory = await temporaryDirectory();
  const found = await run(directory.path, row.mode, [`${row.index}`]);
  expect(found.code).toBe(0);
  expect(found.lines).toContain("probe missing before-too");
  expect(found.lines).toContain("probe missing dir/after");
});

test.each(traceModes)(
  "in mode %s where a child borrows the memory and goes elsewhere, each has its own directory",
  async (mode) => {
    await using directory = await temporaryDirectory();
    const { lines: found } = await run(directory.path, mode, ["100"]);
    expect(found).toContain("probe missing dir/after");
    expect(found).toContain("probe missing after");
  },
);

test.each(traceModes)(
  "in mode %s when the directory that a process is in is moved, its relative paths move along",
  async (mode) => {
    await using directory = await temporaryDirectory();
    await mkdir(`${directory.path}/old`);
    const path = await compileC(directory.path, {
      name: "program",
      source: driver,
      flags: ["-pthread", "-ldl"],
    });
    const place = (name: string): string => `${directory.path}/${name}`;
    const { accesses } = await runTraced({
      directory: directory.path,
      mode,
      command: ["/bin/sh", "-c", `cd old && ${path} 101 ${place("old")} ${place("new")}`],
    });
    expect(lines(accesses)).toContain("probe missing old/before-too");
    expect(lines(accesses)).toContain("probe missing new/after");
    expect(lines(accesses)).not.toContain("probe missing old/after");
  },
);

test.each(traceModes)(
  "in mode %s a program that becomes a daemon looks from the root",
  async (mode) => {
    await using directory = await temporaryDirectory();
    const { lines: found } = await run(directory.path, mode, ["102"]);
    expect(found).toContain("probe missing before-too");
    expect(found).not.toContain("probe missing after");
  },
);
