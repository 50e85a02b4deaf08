// Kernels and file systems that refuse what vt would like to have. A filter stands in for them: it refuses
// the same calls with the same errors.
import { expect, setDefaultTimeout, test } from "bun:test";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { absolutePath } from "../../src/base/path.ts";
import { patience, runVt, type VtResult } from "../harness/vt.ts";
import { copyWorkspace, type Workspace } from "../harness/workspace.ts";
import { compileC } from "../trace/run-traced.ts";
import { hit } from "./steered.ts";

setDefaultTimeout(patience);

/** Runs a program under a filter that answers one kind of call with an error. */
const refusing = (rule: string): string => `
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define UNLESS(value, skipped) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, skipped)
#define ANSWER(error) BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (error))
int main(int argc, char **argv) {
  struct sock_filter code[] = {LOAD(nr), ${rule}, BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
  struct sock_fprog program = {sizeof code / sizeof *code, code};
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) return 99;
  execvp(argv[1], argv + 1);
  return 127;
}`;

/** As sandboxes do: nobody in them gets a filter. */
const noFilters = refusing("UNLESS(SYS_seccomp, 1), ANSWER(EPERM)");

/** As file systems over a network do: the log's index, of 32 KiB, cannot be shared. */
const noSharing = refusing(
  "UNLESS(SYS_mmap, 5), LOAD(args[1]), UNLESS(32768, 3), LOAD(args[3]), UNLESS(MAP_SHARED, 1), ANSWER(ENODEV)",
);

type Refusing = Workspace & { readonly run: (task: string) => Promise<VtResult> };

async function openUnder(source: string): Promise<Refusing> {
  const workspace = await copyWorkspace(join(import.meta.dir, "refusing"));
  const home = absolutePath(workspace.home);
  const under = [await compileC(home, { name: "refusing", source })];
  return { ...workspace, run: (task) => runVt(workspace, ["run", task], { under }) };
}

test("where a sandbox refuses filters, tasks end as they would, and what cannot be seen is not stored", async () => {
  await using workspace = await openUnder(noFilters);
  await workspace.run("copy");
  expect((await workspace.run("copy")).text).toContain(hit);
  for (const _ of ["first", "again"]) {
    const unseen = await workspace.run("copy-unseen");
    expect(unseen).toEqual({ exitCode: 0, text: unseen.text });
    expect(unseen.text).toContain("\ncopied\n");
    expect(unseen.text).toContain("busybox");
    expect(unseen.text).not.toContain(hit);
    expect((await workspace.run("fail-unseen")).exitCode).toBe(3);
  }
});

test("where a file system cannot share memory, tasks run without the cache, and vt says where to put it", async () => {
  await using workspace = await openUnder(noSharing);
  for (const _ of ["first", "again"]) {
    const { exitCode, text } = await workspace.run("copy");
    expect({ exitCode, text }).toEqual({ exitCode: 0, text });
    expect(text).toContain("\ncopied\n");
    expect(text).toContain("cannot share memory between processes");
    expect(text).toContain("VT_CACHE_DIR");
    await rm(join(workspace.root, "made"));
  }
});
