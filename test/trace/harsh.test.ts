// Programs that leave a library in their process little room.
import { expect, test } from "bun:test";
import { writeFile } from "node:fs/promises";
import type { AbsolutePath } from "../../src/base/path.ts";
import { type TraceMode, traceModes } from "../../src/trace/trace-mode.ts";
import { canMount, unshare } from "../harness/abilities.ts";
import { temporaryDirectory } from "../harness/temporary-directory.ts";
import { cleanEnvironment, compileC, lines, runTraced, type TracedResult } from "./run-traced.ts";

const includes = `
#include <fcntl.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>
`;

type Setting = {
  readonly directory: AbsolutePath;
  readonly mode: TraceMode;
  readonly flags?: string[];
};

/** Compiles what stands below the includes, and runs it traced. */
async function runProgram(
  { directory, mode, flags = [] }: Setting,
  source: string,
): Promise<TracedResult> {
  const options = { name: "program", source: `${includes}${source}`, flags };
  const program = await compileC(directory, options);
  return await runTraced({ directory, mode, command: [program] });
}

test.each(traceModes)(
  "in mode %s a call that signals interrupt succeeds as it would untraced",
  async (mode) => {
    await using directory = await temporaryDirectory();
    await writeFile(`${directory.path}/file`, "");
    const { stdout, accesses } = await runProgram(
      { directory: directory.path, mode },
      `
static void on_alarm(int number) { struct stat status; stat("from-handler", &status); }
int main(void) {
  struct sigaction action = {.sa_handler = on_alarm}; /* No SA_RESTART. */
  sigaction(SIGALRM, &action, 0);
  struct itimerval every = {{0, 200}, {0, 200}};
  setitimer(ITIMER_REAL, &every, 0);
  int failed = 0;
  for (int i = 0; i < 20000; i++) { struct stat status; failed += stat("file", &status) != 0; }
  printf("%d", failed); return 0;
}`,
    );
    expect(stdout).toBe("0");
    expect(lines(accesses)).toContain("probe ok file");
    expect(lines(accesses)).toContain("probe missing from-handler");
  },
);

test.each(traceModes)(
  "in mode %s a handler on a stack of eight kilobytes can look, list and write",
  async (mode) => {
    await using directory = await temporaryDirectory();
    const { code, accesses } = await runProgram(
      { directory: directory.path, mode },
      `
static void on_signal(int number) {
  struct stat status; stat("relative", &status); mkdir("made", 0700); rename("made", "moved");
  close(open("moved/file", O_CREAT | O_WRONLY, 0600));
}
int main(void) {
  /* Below the stack lies a page that must not be touched. */
  char *room = mmap(0, 3 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  mprotect(room, 4096, PROT_NONE);
  stack_t stack = {.ss_sp = room + 4096, .ss_size = 8192};
  struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_ONSTACK};
  if (sigaltstack(&stack, 0) != 0) return 2;
  sigaction(SIGUSR1, &action, 0); raise(SIGUSR1); return 0;
}`,
    );
    expect(code).toBe(0);
    expect(lines(accesses)).toContain("probe missing relative");
    expect(lines(accesses)).toContain("write ok moved/file");
  },
);

test.each(traceModes)(
  "in mode %s writers that are killed at any moment damage no record but their last",
  async (mode) => {
    await using directory = await temporaryDirectory();
    const { code, trace, accesses } = await runProgram(
      { directory: directory.path, mode },
      `
int main(void) {
  for (int round = 0; round < 250; round++) {
    pid_t child = fork();
    if (child == 0)
      for (int i = 0;; i++) { char name[32]; sprintf(name, "name-%d-%d", round, i); access(name, F_OK); }
    usleep(500 + round * 37 % 2000); kill(child, SIGKILL); waitpid(child, 0, 0);
  }
  access("the-last", F_OK); return 0;
}`,
    );
    expect(code).toBe(0);
    const found = lines(accesses).filter((line) => line.startsWith("probe"));
    expect(found.at(-1)).toBe("probe missing the-last");
    expect(found.slice(0, -1).filter((line) => !/^probe missing name-\d+-\d+$/.test(line))).toEqual(
      [],
    );
    const damaged = trace.incomplete.filter(({ kind }) => kind === "damaged-record");
    expect(damaged.length).toBeLessThanOrEqual(1);
    expect(trace.incomplete.map(({ kind }) => kind)).not.toContain("channel-full");
  },
  30_000,
);

test.each(traceModes)("in mode %s a program with threads may fork", async (mode) => {
  await using directory = await temporaryDirectory();
  const { code, accesses } = await runProgram(
    { directory: directory.path, mode, flags: ["-pthread"] },
    `
static volatile int is_over;
static void *look(void *name) { while (!is_over) access(name, F_OK); return 0; }
int main(void) {
  pthread_t threads[4]; int failed = 0;
  for (int i = 0; i < 4; i++) pthread_create(&threads[i], 0, look, "by-thread");
  for (int i = 0; i < 100; i++) {
    pid_t child = fork(); int status;
    if (child == 0) _exit(access("by-child", F_OK) == 0);
    waitpid(child, &status, 0); failed += status != 0;
  }
  is_over = 1;
  for (int i = 0; i < 4; i++) pthread_join(threads[i], 0);
  return failed;
}`,
  );
  expect(code).toBe(0);
  expect(lines(accesses)).toContain("probe missing by-thread");
  expect(lines(accesses)).toContain("probe missing by-child");
});

test.each(traceModes)(
  "in mode %s a program that has closed every descriptor is seen, and so is what it runs",
  async (mode) => {
    await using directory = await temporaryDirectory();
    const { code, accesses, trace } = await runProgram(
      { directory: directory.path, mode },
      `
int main(int argc, char **argv) {
  if (argc > 1) return access("run-without", F_OK) == 0;
  for (int fd = 0; fd < 1024; fd++) close(fd);
  access("looked-for-without", F_OK);
  close(open("written-without", O_CREAT | O_WRONLY, 0600));
  return execl(argv[0], argv[0], "again", (char *)0);
}`,
    );
    expect(code).toBe(0);
    for (const line of ["looked-for-without", "run-without"])
      expect(lines(accesses)).toContain(`probe missing ${line}`);
    expect(lines(accesses)).toContain("write ok written-without");
    const isBlind = mode === "preload"; // What lies in the workspace may do without libc.
    expect(trace.incomplete.map(({ kind }) => kind)).toEqual(isBlind ? ["untraced-program"] : []);
  },
);

test.each(traceModes)(
  "in mode %s a program with the address sanitizer runs and is seen",
  async (mode) => {
    await using directory = await temporaryDirectory();
    const program = await compileC(directory.path, {
      name: "program",
      flags: ["-fsanitize=address"],
      source: `${includes} int main(void) { return access("looked-for", F_OK) == 0; }`,
    });
    const { code, stderr, accesses } = await runTraced({
      directory: directory.path,
      mode,
      command: [program],
      environment: { ...cleanEnvironment(), ASAN_OPTIONS: "detect_leaks=0" },
    });
    expect(stderr).toBe("");
    expect(code).toBe(0);
    expect(lines(accesses)).toContain("probe missing looked-for");
  },
);

const hasValgrind = Bun.which("valgrind") !== null;
const needsValgrind = hasValgrind ? "" : " (needs valgrind)";

test.skipIf(!hasValgrind).each(traceModes)(
  `in mode %s valgrind finds nothing to complain of${needsValgrind}`,
  async (mode) => {
    await using directory = await temporaryDirectory();
    const program = await compileC(directory.path, {
      name: "program",
      source: `${includes}
#include <string.h>
int main(void) {
  int found = 0; /* Names that end with the memory that they lie in. */
  for (int length = 2; length < 40; length++) {
    char *name = malloc(length + 1); memset(name, 'a', length); name[0] = '/'; name[length] = 0;
    for (int i = 0; i < 2; i++) found += access(name, F_OK) == 0;
    free(name);
  }
  close(open("written", O_CREAT | O_WRONLY, 0600)); rename("written", "moved");
  return found;
}`,
    });
    const { code, stderr, accesses } = await runTraced({
      directory: directory.path,
      mode,
      command: ["valgrind", "-q", "--error-exitcode=9", program],
    });
    expect(stderr).toBe("");
    expect(code).toBe(0);
    expect(lines(accesses)).toContain("write ok written");
  },
);

const smallTmpfs = 'mount -t tmpfs -o size=4m tmpfs "$0" && exec "$@"';
const tracing = Bun.fileURLToPath(import.meta.resolve("./trace-command.ts"));

test.skipIf(!canMount()).each(traceModes)(
  "in mode %s a program whose channel finds no more room on its file system ends as it would (needs mount)",
  async (mode) => {
    await using directory = await temporaryDirectory();
    await using small = await temporaryDirectory();
    const program = await compileC(directory.path, {
      name: "program",
      source: `${includes}
int main(void) {
  char name[96]; int found = 0;
  for (int i = 0; i < 40000; i++) { sprintf(name, "a-rather-long-name-of-something-that-is-missing-%d", i); found += access(name, F_OK) == 0; }
  return found == 0 ? 42 : 1;
}`,
    });
    const command = [process.execPath, tracing, mode, directory.path, program];
    const child = Bun.spawn([...unshare, "sh", "-c", smallTmpfs, small.path, ...command], {
      env: { ...cleanEnvironment(), TMPDIR: small.path },
      stdio: ["ignore", "pipe", "inherit"],
    });
    const told = JSON.parse(await child.stdout.text());
    await child.exited;
    expect(told.code).toBe(42);
    expect(told.incomplete).toContainEqual({ kind: "channel-full" });
    expect(told.lines.length).toBeGreaterThan(1000);
  },
);
