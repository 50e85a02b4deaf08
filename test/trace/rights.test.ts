// What vt may not do to the processes that it watches.
import { expect, test } from "bun:test";
import { writeFile } from "node:fs/promises";
import type { AbsolutePath } from "../../src/base/path.ts";
import { type TraceMode, traceModes } from "../../src/trace/trace-mode.ts";
import { hasYama } from "../harness/abilities.ts";
import { temporaryDirectory } from "../harness/temporary-directory.ts";
import { cleanEnvironment, compileC } from "./run-traced.ts";

const tracing = Bun.fileURLToPath(import.meta.resolve("./trace-command.ts"));

/** In front of a command: it runs without any privilege, though its user be root. */
const ordinary: readonly string[] =
  process.getuid?.() === 0 ? ["setpriv", "--bounding-set=-all", "--inh-caps=-all"] : [];

type Told = {
  readonly code: number;
  readonly lines: readonly string[];
  readonly incomplete: readonly { readonly kind: string }[];
};

type Setting = {
  readonly mode: TraceMode;
  readonly directory: AbsolutePath;
  /** In front of the tracer. */
  readonly under: readonly string[];
};

/** Traces a command with a tracer that is a process of its own. */
async function trace(setting: Setting, ...traced: readonly string[]): Promise<Told> {
  const { mode, directory, under } = setting;
  const command = [...under, process.execPath, tracing, mode, directory, ...traced];
  const child = Bun.spawn(command, {
    env: cleanEnvironment(),
    stdio: ["ignore", "pipe", "inherit"],
  });
  return JSON.parse(await child.stdout.text());
}

const calls = [
  { call: "open", body: `open("file", O_RDONLY)` },
  {
    call: "openat2",
    body: `syscall(SYS_openat2, AT_FDCWD, "file", &(struct open_how){0}, sizeof(struct open_how))`,
  },
];

test.each(calls)(
  "a program whose memory must not be read makes the trace incomplete by $call",
  async ({ body }) => {
    await using directory = await temporaryDirectory();
    await writeFile(`${directory.path}/file`, "");
    const program = await compileC(directory.path, {
      name: "closed",
      source: `
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
int main(void) { prctl(PR_SET_DUMPABLE, 0); return ${body} < 0; }`,
      flags: ["-static"],
    });
    const { code, incomplete } = await trace(
      { mode: "auto", directory: directory.path, under: ordinary },
      program,
    );
    expect(code).toBe(0);
    expect(incomplete).toEqual([{ kind: "unreadable-memory" }]);
  },
);

const relatives = `
#include <sys/wait.h>
#include <unistd.h>
int main(void) {
  if (fork() == 0) { setsid(); if (fork() == 0) _exit(access("file", F_OK)); wait(0); _exit(0); }
  wait(0); return access("missing", F_OK) == 0;
}`;

async function expectWholeTrace(mode: TraceMode): Promise<void> {
  await using directory = await temporaryDirectory();
  await writeFile(`${directory.path}/file`, "");
  const flags = mode === "preload" ? [] : ["-static"];
  const program = await compileC(directory.path, { name: "looks", source: relatives, flags });
  const { code, incomplete, lines } = await trace(
    { mode, directory: directory.path, under: ordinary },
    program,
  );
  expect(code).toBe(0);
  expect(lines).toContain("probe ok file");
  expect(lines).toContain("probe missing missing");
  const isBlind = mode === "preload"; // What lies in the workspace may do without libc.
  expect(incomplete.map(({ kind }) => kind)).toEqual(isBlind ? ["untraced-program"] : []);
}

test.each(traceModes)("in mode %s an ordinary user's programs are seen whole", expectWholeTrace);

test.skipIf(!hasYama()).each(traceModes)(
  "in mode %s they are also where only ancestors may look into a process (needs yama)",
  expectWholeTrace,
);

/** Runs a command under a filter of its own, and lets go on whoever opens something, as a container's
 * runtime may. */
const runtime = `
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
int main(int argc, char **argv) {
  volatile int *listener = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  *listener = -1;
  int child = syscall(SYS_clone, CLONE_FILES | SIGCHLD, 0, 0, 0, 0); /* One table of descriptors. */
  if (child == 0) {
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
    struct sock_fprog program = {4, code};
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    *listener = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
    if (*listener < 0) _exit(99);
    syscall(SYS_unshare, CLONE_FILES);
    close(*listener);
    execvp(argv[1], argv + 1);
    _exit(127);
  }
  while (*listener == -1) sched_yield();
  for (;;) {
    struct pollfd ready = {*listener, POLLIN};
    if (poll(&ready, 1, -1) < 0 || (ready.revents & POLLIN) == 0) break;
    struct seccomp_notif notice;
    memset(&notice, 0, sizeof notice);
    if (ioctl(*listener, SECCOMP_IOCTL_NOTIF_RECV, &notice) != 0) continue;
    struct seccomp_notif_resp answer = {.id = notice.id, .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE};
    ioctl(*listener, SECCOMP_IOCTL_NOTIF_SEND, &answer);
  }
  int status;
  waitpid(child, &status, 0);
  return WEXITSTATUS(status);
}`;

test.each(traceModes)(
  "in mode %s under somebody else's listener what cannot be seen is named, and all ends as it would",
  async (mode) => {
    await using directory = await temporaryDirectory();
    await writeFile(`${directory.path}/file`, "");
    const under = [await compileC(directory.path, { name: "runtime", source: runtime })];
    const source = relatives;
    const flags = ["-static"];
    const program = await compileC(directory.path, { name: "looks", source, flags });
    const setting = { mode, directory: directory.path, under };
    const seen = await trace(setting, "/bin/cat", "file");
    expect(seen.lines).toContain("read ok file");
    expect(seen.incomplete).toEqual([]);
    const unseen = await trace(setting, "/bin/sh", "-c", program);
    expect(unseen.code).toBe(0);
    const kinds = unseen.incomplete.map(({ kind }) => kind);
    expect(kinds).toContain("untraced-program");
    if (mode !== "preload") expect(kinds).toContain("filter-refused");
  },
);
