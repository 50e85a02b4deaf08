// What a file that a task writes costs while it is watched and stored, in counts: times depend on the machine,
// these do not.
import { expect, setDefaultTimeout, test } from "bun:test";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { absolutePath } from "../../src/base/path.ts";
import { patience, runVt } from "../harness/vt.ts";
import { copyWorkspace } from "../harness/workspace.ts";
import { compileC } from "../trace/run-traced.ts";

setDefaultTimeout(patience);

/** Two looks; and open, fstat, read, close. */
const callsPerOutput = 6.1;

const counted = "openat,newfstatat,fstat,read,close,ioctl";

/** It does not come with the system, so that the kernel reports whatever it does by itself. */
const source = `
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
int main(int argc, char **argv) {
  mkdir("made", 0777);
  for (int i = 0; i < atoi(argv[1]); i++) {
    char path[64]; snprintf(path, sizeof path, "made/%d", i);
    FILE *file = fopen(path, "w"); fprintf(file, "%d", i); fclose(file);
  }
}`;

test.skipIf(Bun.which("strace") === null)(
  "a stream is not reported by the kernel, and what it wrote is read once (needs strace)",
  async () => {
    const [few, many] = [await measureStore(500), await measureStore(2500)];
    const costs = JSON.stringify({ few, many });
    expect(many.reports - few.reports, costs).toBeLessThan(20);
    expect((many.calls - few.calls) / 2000, costs).toBeLessThanOrEqual(callsPerOutput);
  },
);

type Cost = { readonly reports: number; readonly calls: number };

/** Of a run, without what the task does itself. */
async function measureStore(outputs: number): Promise<Cost> {
  await using workspace = await copyWorkspace(join(import.meta.dir, "cost"));
  const directory = join(workspace.root, "packages/p");
  await mkdir(directory, { recursive: true });
  await compileC(absolutePath(workspace.temporary), { name: "write", source });
  const build = `${workspace.temporary}/write ${outputs}`;
  const manifest = { name: "p", scripts: { build } };
  await writeFile(join(directory, "package.json"), JSON.stringify(manifest));
  const trace = join(workspace.temporary, "calls");
  const strace = ["strace", "-ff", "-qq", "-e", `trace=${counted}`, "-o", trace];
  const { text } = await runVt(workspace, ["run", "-r", "build"], { under: strace });
  expect(text).not.toContain("not stored");
  const files = [...new Bun.Glob("calls.*").scanSync(workspace.temporary)];
  const logs = await Promise.all(
    files.map((name) => readFile(join(workspace.temporary, name), "utf8")),
  );
  const ofTask = 'openat(AT_FDCWD, "made/';
  const own = logs.filter((log) => !log.includes(ofTask)).flatMap((log) => log.split("\n"));
  const reports = own.filter((call) => call.includes("SECCOMP_IOCTL_NOTIF_RECV"));
  const looks = own.filter((call) => !call.startsWith("ioctl("));
  return { reports: reports.length, calls: looks.length };
}
