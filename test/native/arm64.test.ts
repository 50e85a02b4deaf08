import { expect, test } from "bun:test";
import { mkdir, writeFile } from "node:fs/promises";
import { crossCompiler } from "../../scripts/compiler.ts";
import { compileNative } from "../../scripts/native.ts";
import type { AbsolutePath } from "../../src/base/path.ts";
import { Tracer } from "../../src/trace/tracer.ts";
import { temporaryDirectory } from "../harness/temporary-directory.ts";
import { cleanEnvironment, compileC, library, lines, runTraced } from "../trace/run-traced.ts";

const compiler = crossCompiler("arm64");
const missing = [compiler, "qemu-aarch64"].find((tool) => Bun.which(tool) === null);
const name = "on arm64 the preload library records what it records here";

const source = `
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
int main(void) {
  struct stat status; char bytes[PATH_MAX];
  stat("file", &status); stat("none", &status); lstat("link", &status); access("dir/../file", F_OK);
  close(open("file", O_RDONLY)); fclose(fopen("file", "r"));
  mkdir("out", 0777); mkdir("out", 0777);
  close(open("out/one", O_CREAT | O_EXCL | O_WRONLY, 0644)); rename("out/one", "out/two");
  symlink("two", "out/link"); readlink("out/link", bytes, sizeof bytes); realpath("out/link", bytes);
  DIR *directory = opendir("dir"); while (readdir(directory)) ; closedir(directory);
  syscall(SYS_openat, AT_FDCWD, "dir/inner", O_RDONLY); syscall(SYS_io_uring_setup, 1, 0);
  unlink("out/two"); truncate("file", 3); chmod("file", 0600);
  return 0;
}`;

test.skipIf(missing !== undefined)(
  missing === undefined ? name : `${name} (needs ${missing})`,
  async () => {
    await using tools = await temporaryDirectory();
    await compileNative("arm64", tools.path);
    const needed = Bun.spawnSync(["readelf", "-dVW", `${tools.path}/vt-native.so`]).stdout;
    expect(needed.toString()).not.toMatch(/NEEDED|VERNEED|GLIBC_/);
    await using here = await world({ compiler: "cc" });
    await using there = await world({ compiler });
    const { accesses } = await runTraced({
      directory: here.path,
      mode: "preload",
      command: ["./program"],
    });
    const seenThere = await runEmulated(there.path, `${tools.path}/vt-native.so`);
    const seenHere = lines(accesses).filter((line) => !line.startsWith("execute"));
    expect(seenThere).toEqual(seenHere);
    expect(seenHere.length).toBeGreaterThan(15);
  },
  60_000,
);

async function world(options: {
  readonly compiler: string;
}): Promise<AsyncDisposable & { readonly path: AbsolutePath }> {
  const directory = await temporaryDirectory();
  await mkdir(`${directory.path}/dir`);
  await writeFile(`${directory.path}/dir/inner`, "");
  await writeFile(`${directory.path}/file`, "content");
  await compileC(directory.path, { name: "program", source, ...options });
  return directory;
}

/** As vt would start it there, but for the emulator in between, which is not traced itself. */
async function runEmulated(directory: AbsolutePath, preload: string): Promise<readonly string[]> {
  await using channels = await temporaryDirectory();
  using tracer = Tracer.open({
    library: library(),
    mode: "preload",
    directory: channels.path,
    roots: [directory],
  });
  using trace = tracer.begin();
  const { environment } = trace.launch({
    program: directory,
    name: "program",
    args: [],
    environment: {},
  });
  const variables = { ...environment, LD_PRELOAD: preload, VT_LIBRARY: preload };
  const given = Object.entries(variables).flatMap(([key, value]) => ["-E", `${key}=${value}`]);
  const child = Bun.spawnSync(
    ["qemu-aarch64", "-L", "/usr/aarch64-linux-gnu", ...given, "./program"],
    { cwd: directory, env: cleanEnvironment(), stdio: ["ignore", "inherit", "inherit"] },
  );
  expect(child.exitCode).toBe(0);
  const relative = trace
    .collect()
    .accesses.filter(({ kind }) => kind !== "execute")
    .map((access) => ({
      ...access,
      path: access.path.replace(`${directory}/`, ""),
      ...(access.target !== undefined && { target: access.target.replace(`${directory}/`, "") }),
    }));
  return lines(relative);
}
