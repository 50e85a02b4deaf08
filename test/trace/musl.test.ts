// The same library in programs of the other libc.
import { expect, test } from "bun:test";
import { writeFile } from "node:fs/promises";
import { traceModes } from "../../src/trace/trace-mode.ts";
import { temporaryDirectory } from "../harness/temporary-directory.ts";
import { compileC, lines, runTraced } from "./run-traced.ts";

const hasMusl = Bun.which("musl-gcc") !== null;
const needsMusl = hasMusl ? "" : " (needs musl-gcc)";

const source = `
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
extern char **environ;
int main(void) {
  struct stat status; pid_t child;
  int missing = stat("none", &status) == -1 && errno == ENOENT;
  fclose(fopen("made", "w")); rename("made", "moved");
  DIR *directory = opendir("."); while (readdir(directory)) ; closedir(directory);
  char *arguments[] = {"cat", "file", 0};
  int error = posix_spawn(&child, "/bin/cat", 0, 0, arguments, environ); wait(0);
  printf("%d %d", missing, error); fflush(stdout);
  execl("/bin/cat", "cat", "other", (char *)0);
}`;

test.skipIf(!hasMusl).each(traceModes)(
  `in mode %s a program of musl, and programs of glibc that it runs, are traced${needsMusl}`,
  async (mode) => {
    await using directory = await temporaryDirectory();
    const { path } = directory;
    const options = { name: "program", source, compiler: "musl-gcc" };
    const program = await compileC(path, options);
    for (const name of ["file", "other"]) await writeFile(`${path}/${name}`, name);
    const run = await runTraced({ directory: path, mode, command: [program] });
    expect(run.stderr).toBe("");
    expect(run.stdout).toBe("file1 0other");
    const seen = lines(run.accesses);
    expect(seen).toContain("probe missing none");
    expect(seen).toContain("list ok .");
    expect(seen).toContain("rename ok made → moved");
    expect(seen).toContain("read ok file");
    expect(seen).toContain("read ok other");
    const expected = mode === "preload" ? [{ kind: "untraced-program" as const, program }] : [];
    expect(run.trace.incomplete).toEqual(expected);
  },
);
