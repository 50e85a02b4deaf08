import { expect, test } from "bun:test";
import { readlinkSync } from "node:fs";
import type { AbsolutePath } from "../../src/base/path.ts";
import { readProcessStat } from "../../src/base/process-stat.ts";
import { numbersSince } from "../../src/trace/process-numbers.ts";
import { type Survivor, ticksNow } from "../../src/trace/survivors.ts";
import { traceModes } from "../../src/trace/trace-mode.ts";
import { stateOf } from "../harness/processes.ts";
import { temporaryDirectory } from "../harness/temporary-directory.ts";
import { waitFor } from "../harness/wait.ts";
import { compileC, runTraced } from "./run-traced.ts";

const staying = `
#include <unistd.h>
int main(int argc, char **argv) {
  char *none[] = {0}; char *again[] = {argv[0], "stay", 0};
  if (argc > 1) { for (int fd = 0; fd < 3; fd++) close(fd); sleep(60); }
  if (fork() == 0) execve(argv[0], again, none);
  return 0;
}`;

test.each(traceModes)("in mode %s a process that outlives the step is named", async (mode) => {
  await using directory = await temporaryDirectory();
  let survivors: readonly Survivor[] = [];
  await runTraced({
    directory: directory.path,
    mode,
    command: ["/bin/sh", "-c", "sleep 60 > /dev/null 2>&1 < /dev/null &"],
    afterwards: (trace, first) => {
      survivors = trace.survivors(first);
      for (const { pid } of survivors) process.kill(pid, "SIGKILL");
    },
  });
  expect(survivors.map(({ name }) => name)).toEqual(["sleep"]);
  await waitFor("the survivor to be gone", () => isGone(survivors[0]));
});

test.each(traceModes)(
  "in mode %s when nothing outlives the step, nothing is named",
  async (mode) => {
    await using directory = await temporaryDirectory();
    let survivors: readonly Survivor[] | undefined;
    await runTraced({
      directory: directory.path,
      mode,
      command: ["/bin/sh", "-c", "true & wait"],
      afterwards: (trace, first) => {
        survivors = trace.survivors(first);
      },
    });
    expect(survivors).toEqual([]);
  },
);

test("a static program that clears its environment is named when it outlives the step, and nobody else", async () => {
  await using directory = await temporaryDirectory();
  const options = { name: "program", source: staying, flags: ["-static"] };
  const path = await compileC(directory.path, options);
  await using stranger = await startStranger(directory.path);
  let survivors: readonly Survivor[] = [];
  await runTraced({
    directory: directory.path,
    command: [path],
    afterwards: (trace, first) => {
      // Without an environment, those that another vt has started meanwhile look the same.
      survivors = trace.survivors(first).filter(({ pid }) => directoryOf(pid) === directory.path);
      for (const survivor of survivors)
        if (survivor.pid !== stranger.pid) process.kill(survivor.pid, "SIGKILL");
    },
  });
  expect(survivors.map(({ name }) => name)).toEqual(["program"]);
  await waitFor("the survivor to be gone", () => isGone(survivors[0]));
});

test.each([
  { name: "those after its first process", change: {}, expected: [400, 600, 900] },
  {
    name: "also those after numbers began anew",
    change: { newest: 100 },
    expected: [1, 50, 100, 400, 600, 900],
  },
  { name: "all where numbers may have come round", change: { given: 500 }, expected: undefined },
  {
    name: "all where too few numbers are free to tell",
    change: { threads: 160 },
    expected: undefined,
  },
  { name: "all where the system does not count", change: { given: 0 }, expected: undefined },
  {
    name: "all where it does not tell",
    change: { newest: Number.NaN, threads: Number.NaN },
    expected: undefined,
  },
])("of all processes may be the step's: $name", ({ change, expected }) => {
  const pids = [1, 50, 100, 300, 400, 600, 900];
  const numbering = { first: 400, newest: 700, given: 300, threads: 60, count: 1000, ...change };
  expect(numbersSince(pids, numbering)).toEqual(expected ?? pids);
});

/** Where a process is; undefined when it has ended meanwhile. */
function directoryOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return undefined;
  }
}

/** A program under a filter of its own, without an environment: its sandbox. */
async function startStranger(directory: AbsolutePath): Promise<Bun.Subprocess> {
  const source = `
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <unistd.h>
int main(void) {
  struct sock_filter code[] = {BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
  struct sock_fprog program = {1, code};
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) return 1;
  write(1, "ready", 5);
  return pause();
}`;
  const path = await compileC(directory, { name: "stranger", source });
  const child = Bun.spawn([path], {
    cwd: directory,
    env: {},
    stdio: ["ignore", "pipe", "inherit"],
  });
  const { value } = await child.stdout.getReader().read();
  expect(String(value && Buffer.from(value))).toBe("ready");
  const startedAt = readProcessStat(child.pid)?.startedAt ?? 0;
  await waitFor("the time of its start to be over", () => ticksNow() > startedAt);
  return child;
}

function isGone(survivor: Survivor | undefined): boolean {
  return ["Z", undefined].includes(stateOf(survivor?.pid ?? 0));
}
