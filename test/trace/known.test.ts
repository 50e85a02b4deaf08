// Paths of directories that a process has open are remembered; these are the ways in which one becomes another.
import { expect, test } from "bun:test";
import { mkdir } from "node:fs/promises";
import { traceModes } from "../../src/trace/trace-mode.ts";
import { canMount, unshare } from "../harness/abilities.ts";
import { temporaryDirectory } from "../harness/temporary-directory.ts";
import { cleanEnvironment, compileC, lines, runTraced } from "./run-traced.ts";

/** What a program does, with `one` and `other` there, and where its look at `after` leads. */
const cases = [
  {
    name: "a descriptor that becomes another directory's",
    body: `int fd = enter("one"); look(fd, "before"); dup2(enter("other"), fd); look(fd, "after");`,
    expected: "other/after",
  },
  {
    name: "a directory that is moved",
    body: `int fd = enter("one"); look(fd, "before"); rename("one", "moved"); look(fd, "after");`,
    expected: "moved/after",
  },
  {
    name: "a directory below one that is moved",
    body: `mkdir("one/in", 0755); int fd = enter("one/in"); look(fd, "before"); rename("one", "moved"); look(fd, "after");`,
    expected: "moved/in/after",
  },
  {
    name: "a directory that is made where the file system has just removed one",
    body: `for (int i = 0; i < 50; i++) {
      mkdir("new", 0755); int fd = enter("new"); look(fd, "before"); close(fd); rmdir("new");
      mkdir("newer", 0755); fd = enter("newer"); look(fd, "after"); close(fd); rmdir("newer");
    }`,
    expected: "newer/after",
  },
  {
    name: "a child that borrows the memory",
    body: `int fd = enter("one"); look(fd, "before");
      if (vfork() == 0) { dup2(enter("other"), fd); look(fd, "within"); _exit(0); }
      look(fd, "after");`,
    expected: "one/after",
  },
  {
    name: "more directories than are remembered",
    body: `char name[32]; int fds[100];
      for (int i = 0; i < 100; i++) { sprintf(name, "in-%d", i); mkdir(name, 0755); fds[i] = enter(name); }
      for (int n = 0; n < 2; n++) for (int i = 0; i < 100; i++) { sprintf(name, "look-%d", i); look(fds[i], name); }
      look(fds[0], "after");`,
    expected: "in-0/after",
  },
  {
    name: "a program that opens another directory without libc's knowing",
    body: `int fd = enter("one"); look(fd, "before"); close(fd);
      if (syscall(SYS_openat, AT_FDCWD, "other", O_RDONLY | O_DIRECTORY) != fd) return 1;
      look(fd, "after");`,
    expected: "other/after",
  },
] as const;

const driver = `
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
static int enter(const char *path) { return open(path, O_RDONLY | O_DIRECTORY); }
static int look(int fd, const char *name) { struct stat status; return fstatat(fd, name, &status, 0); }
int main(int argc, char **argv) {
  switch (atoi(argv[1])) {
${cases.map(({ body }, index) => `    case ${index}: { ${body} break; }`).join("\n")}
    case 100: { int fd = enter(argv[2]); look(fd, "before"); close(fd); look(enter(argv[3]), "after"); }
  }
  return 0;
}`;

const table = cases.flatMap((row, index) => traceModes.map((mode) => ({ ...row, index, mode })));

test.each(table)("in mode $mode $name does not mislead", async (row) => {
  await using directory = await temporaryDirectory();
  const path = await compileC(directory.path, { name: "program", source: driver });
  for (const name of ["one", "other"]) await mkdir(`${directory.path}/${name}`);
  const { accesses, code } = await runTraced({
    directory: directory.path,
    mode: row.mode,
    command: [path, `${row.index}`],
  });
  const found = lines(accesses);
  expect(code).toBe(0);
  expect(found).toContain(`probe missing ${row.expected}`);
  expect(found.filter((line) => line.endsWith("/after"))).toEqual([
    `probe missing ${row.expected}`,
  ]);
  if (row.name === "a child that borrows the memory")
    expect(found).toContain("probe missing other/within");
  if (row.name === "more directories than are remembered")
    for (let i = 0; i < 100; i += 1) expect(found).toContain(`probe missing in-${i}/look-${i}`);
});

const tracing = Bun.fileURLToPath(import.meta.resolve("./trace-command.ts"));

test.skipIf(!canMount()).each(traceModes)(
  "in mode %s a directory that is mounted twice is looked at where it was opened (needs mount)",
  async (mode) => {
    await using directory = await temporaryDirectory();
    await using outside = await temporaryDirectory();
    const path = await compileC(directory.path, { name: "program", source: driver });
    const inside = `${directory.path}/inside`;
    await mkdir(inside);
    const command = [process.execPath, tracing, mode, directory.path, path, "100"];
    const places = [outside.path, inside];
    const child = Bun.spawn(
      [...unshare, "sh", "-c", 'mount --bind "$0" "$1" && shift && exec "$@"', ...places]
        .concat(command)
        .concat(places),
      { env: cleanEnvironment(), stdio: ["ignore", "pipe", "inherit"] },
    );
    const told = JSON.parse(await child.stdout.text());
    expect(await child.exited).toBe(0);
    expect(told.lines).toContain("probe missing inside/after");
  },
);
