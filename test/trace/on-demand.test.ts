// Mode auto: when a process is put under the filter, and that it is then seen as in mode full.
import { expect, test } from "bun:test";
import { existsSync, statSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import type { AbsolutePath } from "../../src/base/path.ts";
import { canMount, unshare } from "../harness/abilities.ts";
import { temporaryDirectory } from "../harness/temporary-directory.ts";
import { waitFor } from "../harness/wait.ts";
import { cleanEnvironment, compileC, lines, runTraced, type TracedResult } from "./run-traced.ts";

const python = "/usr/bin/python3";
const hasPython = Bun.which(python) !== null;
const needsPython = hasPython ? "" : " (needs python3)";

/** A library that enters the kernel by itself, from the thread that calls it. */
const raw = `
#include <sys/syscall.h>
long look(const char *path) {
  long result; register long mode __asm__("r10") = 0;
  __asm__ volatile("syscall" : "=a"(result) : "0"(SYS_faccessat), "D"(-100L), "S"(path), "d"(0L), "r"(mode) : "rcx", "r11", "memory");
  return result;
}`;

async function runPython(directory: AbsolutePath, script: string): Promise<TracedResult> {
  return await runTraced({ directory, mode: "auto", command: [python, "-c", script] });
}

test.skipIf(!hasPython)(
  `a library that is loaded is seen in every thread that was there before${needsPython}`,
  async () => {
    await using directory = await temporaryDirectory();
    await compileC(directory.path, { name: "raw.so", source: raw, flags: ["-shared", "-fPIC"] });
    const { accesses, trace, stdout } = await runPython(
      directory.path,
      `import ctypes, threading
ready, loaded, results = threading.Barrier(5), threading.Event(), []
def work(i):
  ready.wait(); loaded.wait(); results.append(library.look(b"looked-for-%d" % i))
threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
[thread.start() for thread in threads]
ready.wait(); library = ctypes.CDLL("./raw.so"); loaded.set()
[thread.join() for thread in threads]
print(results)`,
    );
    expect(stdout).toBe("[-2, -2, -2, -2]\n");
    expect(trace.incomplete).toEqual([]);
    for (const i of [0, 1, 2, 3])
      expect(lines(accesses)).toContain(`probe missing looked-for-${i}`);
  },
);

test.skipIf(!hasPython)(
  `a library that keeps its names to itself is seen${needsPython}`,
  async () => {
    await using directory = await temporaryDirectory();
    const source = `#include <unistd.h>\nint look(void) { return access("looked-for", F_OK); }`;
    await compileC(directory.path, { name: "deep.so", source, flags: ["-shared", "-fPIC"] });
    const { accesses, trace } = await runPython(
      directory.path,
      `import ctypes, os\nctypes.CDLL("./deep.so", mode=os.RTLD_DEEPBIND | os.RTLD_NOW).look()`,
    );
    expect(lines(accesses)).toContain("probe missing looked-for");
    expect(trace.incomplete).toEqual([]);
  },
);

test.skipIf(!hasPython)(
  `a static program is seen however it is started, and its exit code stays its own${needsPython}`,
  async () => {
    await using directory = await temporaryDirectory();
    const source = `#include <unistd.h>
int main(int argc, char **argv) { return access(argv[1], F_OK) == 0 ? 0 : 40 + argc; }`;
    await compileC(directory.path, { name: "static", source, flags: ["-static"] });
    const { accesses, trace, stdout } = await runPython(
      directory.path,
      `import os, subprocess
pid = os.posix_spawn("./static", ["static", "by-spawn"], {}); a = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
os.environ["PATH"] = os.getcwd()
pid = os.posix_spawnp("static", ["static", "by-search", "x"], os.environ); b = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
c = subprocess.call(["./static", "by-fork"]); d = os.waitstatus_to_exitcode(os.system("./static by-shell"))
print(a, b, c, d)`,
    );
    expect(stdout).toBe("42 43 42 42\n");
    for (const way of ["spawn", "search", "fork", "shell"])
      expect(lines(accesses)).toContain(`probe missing by-${way}`);
    expect(trace.incomplete).toEqual([]);
  },
);

test.skipIf(!hasPython)(
  `a program that cannot be run fails as it would untraced${needsPython}`,
  async () => {
    await using directory = await temporaryDirectory();
    await writeFile(`${directory.path}/text`, "no program", { mode: 0o755 });
    const { stdout, stderr } = await runPython(
      directory.path,
      `import os
for path in ["text", "none", "."]:
  try: os.posix_spawn(path, [path], os.environ)
  except OSError as error: print(error.errno)`,
    );
    expect(stderr).toBe("");
    expect(stdout).toBe("8\n2\n13\n");
  },
);

test("a process that only calls libc stays out of the filter", async () => {
  await using directory = await temporaryDirectory();
  const { stdout } = await runTraced({
    directory: directory.path,
    mode: "auto",
    command: ["/bin/sh", "-c", "grep Seccomp: /proc/self/status"],
  });
  const { stdout: outside } = Bun.spawnSync(["grep", "Seccomp:", "/proc/self/status"]);
  expect(stdout).toBe(outside.toString());
});

test("what the loader looks for in the workspace is seen", async () => {
  await using directory = await temporaryDirectory();
  const { accesses } = await runTraced({
    directory: directory.path,
    mode: "auto",
    command: ["/bin/sh", "-c", "LD_LIBRARY_PATH=$PWD/libraries exec /bin/true"],
  });
  expect(lines(accesses)).toContain("read missing libraries/libc.so.6");
});

test("a program that is started by its relative path in another directory is seen", async () => {
  await using directory = await temporaryDirectory();
  const { path } = directory;
  await mkdir(`${path}/below`);
  await compileC(path, {
    name: "below/static",
    source: `#include <unistd.h>\nint main(void) { return access("looked-for", F_OK) == 0; }`,
    flags: ["-static"],
  });
  const source = `
#include <spawn.h>
#include <sys/wait.h>
int main(void) {
  posix_spawn_file_actions_t actions; pid_t child; int status;
  posix_spawn_file_actions_init(&actions); posix_spawn_file_actions_addchdir_np(&actions, "below");
  char *arguments[] = {"static", 0}, *environment[] = {0};
  if (posix_spawn(&child, "./static", &actions, 0, arguments, environment) != 0) return 1;
  waitpid(child, &status, 0); return status;
}`;
  await using elsewhere = await temporaryDirectory();
  // By that name it is taken to call the kernel through libc.
  const program = await compileC(elsewhere.path, { name: "node", source });
  const seen = await runTraced({
    directory: path,
    mode: "auto",
    command: ["/bin/sh", "-c", program],
  });
  expect(seen.code).toBe(0);
  expect(lines(seen.accesses)).toContain("probe missing below/looked-for");
  const missed = await runTraced({ directory: path, mode: "preload", command: [program] });
  expect(missed.trace.incomplete).toContainEqual({ kind: "untraced-program", program });
});

test("every thread is seen, whichever of them is the first to need the filter", async () => {
  const source = `
#include <glob.h>
#include <pthread.h>
#include <stdio.h>
static pthread_barrier_t together;
static void *work(void *number) {
  char pattern[64]; glob_t found;
  snprintf(pattern, sizeof pattern, "looked-for-%ld/*", (long)number);
  pthread_barrier_wait(&together);
  glob(pattern, 0, 0, &found);
  return 0;
}
int main(void) {
  pthread_t threads[8];
  pthread_barrier_init(&together, 0, 8);
  for (long i = 0; i < 8; i++) pthread_create(&threads[i], 0, work, (void *)i);
  for (long i = 0; i < 8; i++) pthread_join(threads[i], 0);
  puts("8");
}`;
  expect(await findUnseen(source)).toEqual([]);
});

test("a fork of a program that another thread is just putting under the filter is seen", async () => {
  const source = `
#include <glob.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>
static volatile int is_done;
static void *work(void *unused) {
  glob_t found;
  glob("x*", 0, 0, &found); is_done = 1;
  return unused;
}
int main(void) {
  pthread_t thread; int count = 0;
  pthread_create(&thread, 0, work, 0);
  do if (fork() == 0) {
    char pattern[64]; glob_t found;
    snprintf(pattern, sizeof pattern, "looked-for-%d/*", count);
    glob(pattern, 0, 0, &found);
    _exit(0);
  } else count++; while (!is_done);
  pthread_join(thread, 0);
  while (wait(0) > 0);
  printf("%d\\n", count);
}`;
  expect(await findUnseen(source)).toEqual([]);
});

test("a shell that libc starts by itself is seen with what its loader looks for", async () => {
  const source = `
#include <stdio.h>
#include <stdlib.h>
int main(int argc, char **argv) {
  setenv("LD_LIBRARY_PATH", "libraries", 1);
  return argc > 1 ? pclose(popen("exit 0", "r")) : system("exit 0");
}`;
  for (const arguments_ of [[], ["popen"]]) {
    await using directory = await temporaryDirectory();
    await using elsewhere = await temporaryDirectory();
    // By that name it is taken to call the kernel through libc.
    const program = await compileC(elsewhere.path, { name: "node", source });
    const { accesses, trace } = await runTraced({
      directory: directory.path,
      mode: "auto",
      command: [program, ...arguments_],
    });
    expect(lines(accesses)).toContain("read missing libraries/libc.so.6");
    expect(trace.incomplete).toEqual([]);
  }
});

test("a static program that is run when no descriptor is left makes the trace incomplete", async () => {
  await using directory = await temporaryDirectory();
  await using elsewhere = await temporaryDirectory();
  await compileC(directory.path, {
    name: "static",
    source: `#include <unistd.h>\nint main(void) { return access("looked-for", F_OK) == 0; }`,
    flags: ["-static"],
  });
  const source = `
#include <unistd.h>
int main(void) {
  while (dup(0) >= 0) {}
  return execl("./static", "static", (char *)0);
}`;
  // By that name it is taken to call the kernel through libc.
  const program = await compileC(elsewhere.path, { name: "node", source });
  const { code, trace } = await runTraced({
    directory: directory.path,
    mode: "auto",
    command: ["/bin/sh", "-c", `ulimit -n 64; exec ${program}`],
  });
  expect(code).toBe(0);
  expect(trace.incomplete).toContainEqual({ kind: "listener-lost" });
});

test("a program whose vfork child enters the filter is itself not taken to be under it", async () => {
  await using directory = await temporaryDirectory();
  await using elsewhere = await temporaryDirectory();
  await compileC(directory.path, { name: "raw.so", source: raw, flags: ["-shared", "-fPIC"] });
  const source = `
#include <dlfcn.h>
#include <glob.h>
#include <sys/wait.h>
#include <unistd.h>
int main(void) {
  if (vfork() == 0) { glob_t found; glob("*", 0, 0, &found); _exit(0); }
  wait(0);
  long (*look)(const char *) = dlsym(dlopen("./raw.so", RTLD_NOW), "look");
  return look("looked-for") == -2 ? 0 : 1;
}`;
  // By that name it is taken to call the kernel through libc.
  const program = await compileC(elsewhere.path, { name: "node", source });
  const { accesses, trace, code } = await runTraced({
    directory: directory.path,
    mode: "auto",
    command: [program],
  });
  expect(code).toBe(0);
  expect(lines(accesses)).toContain("list ok .");
  expect(lines(accesses)).toContain("probe missing looked-for");
  expect(trace.incomplete).toEqual([]);
});

/** Runs a program, which prints how many paths it has looked for, until one would have been missed. */
async function findUnseen(source: string): Promise<readonly string[]> {
  await using directory = await temporaryDirectory();
  await using elsewhere = await temporaryDirectory();
  // By that name it is taken to call the kernel through libc.
  const program = await compileC(elsewhere.path, { name: "node", source, flags: ["-pthread"] });
  const unseen: string[] = [];
  for (let round = 0; round < 60 && unseen.length === 0; round += 1) {
    const run = await runTraced({ directory: directory.path, mode: "auto", command: [program] });
    expect(run.trace.incomplete).toEqual([]);
    const seen = lines(run.accesses).join("\n");
    const names = Array.from({ length: Number(run.stdout) }, (_, i) => `looked-for-${i}`);
    unseen.push(...names.filter((name) => !new RegExp(`${name}\\b`).test(seen)));
  }
  return unseen;
}

const tracing = Bun.fileURLToPath(import.meta.resolve("./trace-command.ts"));
const systemPlace = "/usr/lib/tmpfiles.d";

test.skipIf(!canMount() || !existsSync(systemPlace))(
  "a program of the system that becomes another while the step runs is looked into again (needs mount)",
  async () => {
    await using directory = await temporaryDirectory();
    await using place = await temporaryDirectory();
    const source = `#include <unistd.h>\nint main(int argc, char **argv) { return access(argv[1], F_OK) == 0; }`;
    const path = await compileC(place.path, { name: "program", source });
    await compileC(place.path, { name: "next", source, flags: ["-static"] });
    const { ctimeMs } = statSync(path);
    await waitFor("its time of change to tell it from another", () => Date.now() > ctimeMs + 1100);
    const program = `${systemPlace}/program`;
    const script = `${program} a; ${program} b; mv ${systemPlace}/next ${program}; ${program} c`;
    const command = [process.execPath, tracing, "auto", directory.path, "sh", "-c", script];
    const child = Bun.spawn(
      [
        ...unshare,
        "sh",
        "-c",
        `mount --bind "$0" ${systemPlace} && exec "$@"`,
        place.path,
        ...command,
      ],
      { env: cleanEnvironment(), stdio: ["ignore", "pipe", "inherit"] },
    );
    const told = JSON.parse(await child.stdout.text());
    expect(await child.exited).toBe(0);
    for (const name of ["a", "b", "c"]) expect(told.lines).toContain(`probe missing ${name}`);
    expect(told.incomplete).toEqual([]);
  },
);
