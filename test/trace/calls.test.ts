import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdir, readdir, symlink, writeFile } from "node:fs/promises";
import { type AbsolutePath, resolvePath } from "../../src/base/path.ts";
import { isSameStamp, stampKind } from "../../src/native/stamp.ts";
import { statBatch } from "../../src/native/stat.ts";
import { type TemporaryDirectory, temporaryDirectory } from "../harness/temporary-directory.ts";
import { calls as fileCalls } from "./calls.ts";
import { compileC, lines, runTraced, type TracedResult } from "./run-traced.ts";
import { socketCalls } from "./socket-calls.ts";

const calls = [...fileCalls, ...socketCalls];

const driver = `
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/xattr.h>
#include <unistd.h>
#ifndef RENAME_EXCHANGE
#define RENAME_EXCHANGE 2
#endif
static char *own(int fd) { static char path[64]; sprintf(path, "/proc/self/fd/%d", fd); return path; }
static int count(const char *path) {
  int n = 0; DIR *directory = opendir(path); while (readdir(directory)) n++; closedir(directory); return n;
}
static char *lengthy(int length) {
  static char path[8192];
  for (int i = 0; i < length - 4; i++) path[i] = i % 2 == 0 ? '.' : '/';
  if (length % 2 == 1) path[length - 5] = '/';
  return strcat(path, "file");
}
static char *endless(void) {
  char *at = mmap(0, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  mprotect(at + 4096, 4096, PROT_NONE);
  return memset(at, 'a', 4096);
}
static struct sockaddr *address(const char *path) {
  static struct sockaddr_un address; address.sun_family = AF_UNIX;
  memset(address.sun_path, 'x', 108); memcpy(address.sun_path, path, strlen(path) + 1);
  return (struct sockaddr *)&address;
}
static int on_socket(int (*call)(), const char *path) {
  return call(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0), address(path), 2 + strlen(path));
}
static int write_mapped(int fd) {
  char *at = mmap(0, 4, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0); at[0] = 'C'; return munmap(at, 4);
}
int main(int argc, char **argv) {
  struct stat status; char bytes[4096] = {0}; long result = 0;
  switch (atoi(argv[1])) {
${calls.map(({ call }, index) => `    case ${index}: result = ${call}; break;`).join("\n")}
  }
  int error = errno;
  result == -1 ? printf("-1 %d", error) : printf("%ld", result);
  return 0;
}`;

let programs: TemporaryDirectory;
beforeAll(async () => {
  programs = await temporaryDirectory();
  await compileC(programs.path, { name: "dynamic", source: driver });
  await compileC(programs.path, { name: "static", source: driver, flags: ["-static"] });
});
afterAll(() => programs[Symbol.asyncDispose]());

async function makeWorld(directory: AbsolutePath): Promise<void> {
  await writeFile(`${directory}/file`, "content");
  await mkdir(`${directory}/dir`);
  await writeFile(`${directory}/dir/inner`, "inner");
  await symlink("file", `${directory}/link`);
  await symlink("nowhere", `${directory}/dangling`);
}

const linkings = ["dynamic", "static"] as const;
const table = calls.flatMap((row, index) =>
  linkings.map((linking) => ({ ...row, index, linking })),
);

describe("what is recorded of one call", () => {
  test.each(table)("$name, in a $linking program", async (row) => {
    await using directory = await temporaryDirectory();
    await makeWorld(directory.path);
    const { accesses, stdout, trace } = await runTraced({
      directory: directory.path,
      command: [`${programs.path}/${row.linking}`, `${row.index}`],
    });
    expect(stdout).toBe(row.answer);
    const expected = row.linking === "static" ? (row.foreseen ?? row.seen) : row.seen;
    expect(lines(accesses.filter(({ kind }) => kind !== "execute"))).toEqual([...expected]);
    expect(trace.incomplete).toEqual([]);
  });
});

/** Runs the call of that name in a world of its own. */
async function runCall(
  name: string,
  linking: (typeof linkings)[number],
  directory: AbsolutePath,
): Promise<TracedResult> {
  const index = calls.findIndex((call) => call.name === name);
  return await runTraced({ directory, command: [`${programs.path}/${linking}`, `${index}`] });
}

test.each(linkings)(
  "a %s program's first look carries the stamp of what it saw",
  async (linking) => {
    await using directory = await temporaryDirectory();
    await makeWorld(directory.path);
    const [before] = statBatch([resolvePath(directory.path, "file")]);
    const { accesses } = await runCall("a read", linking, directory.path);
    const read = accesses.find(({ kind }) => kind === "read");
    expect(before && read?.stamp && isSameStamp(before, read.stamp)).toBe(true);
  },
);

test.each(linkings)(
  "what a %s program makes a file without a name in carries its own stamp, not that of the file",
  async (linking) => {
    await using directory = await temporaryDirectory();
    await makeWorld(directory.path);
    const name = "a file without a name that is given one by its descriptor";
    const { accesses } = await runCall(name, linking, directory.path);
    const probe = accesses.find(({ kind }) => kind === "probe");
    expect(probe?.stamp && stampKind(probe.stamp)).toBe("directory");
  },
);

test.each(linkings)("a %s program's write carries what stood there before", async (linking) => {
  await using directory = await temporaryDirectory();
  await makeWorld(directory.path);
  const [source, target] = statBatch([
    resolvePath(directory.path, "file"),
    resolvePath(directory.path, "dir/inner"),
  ]);
  const { accesses } = await runCall("a file moved into place", linking, directory.path);
  const read = accesses.find(({ kind }) => kind === "read");
  const rename = accesses.find(({ kind }) => kind === "rename");
  expect(source && read?.stamp && isSameStamp(source, read.stamp)).toBe(true);
  expect(target && rename?.stamp && isSameStamp(target, rename.stamp)).toBe(true);
});

test.each(linkings)(
  "a %s program's first listing is kept whole, however large",
  async (linking) => {
    await using directory = await temporaryDirectory();
    await makeWorld(directory.path);
    const names = Array.from({ length: 3000 }, (_, n) => `entry-with-a-rather-long-name-${n}`);
    for (const name of names) await writeFile(`${directory.path}/dir/${name}`, "");
    await symlink("x", `${directory.path}/dir/pointer`);
    await mkdir(`${directory.path}/dir/below`);
    const { accesses } = await runCall("a listing", linking, directory.path);
    const list = accesses.find(({ kind }) => kind === "list");
    const expected = await readdir(`${directory.path}/dir`);
    expect(new Set(list?.listing?.keys())).toEqual(new Set(expected));
    expect(list?.listing?.get("pointer")).toBe("link");
    expect(list?.listing?.get("below")).toBe("directory");
    expect(list?.listing?.get("inner")).toBe("file");
    expect(list?.stamp && stampKind(list.stamp)).toBe("directory");
  },
);

test.each(linkings)("a %s program that asks for io_uring is named", async (linking) => {
  await using directory = await temporaryDirectory();
  const name = "io_uring, which nobody could watch";
  const { stdout, trace } = await runCall(name, linking, directory.path);
  expect(stdout).toBe("-1 38");
  expect(trace.withoutRing).toEqual([`${programs.path}/${linking}`]);
  expect(trace.incomplete).toEqual([]);
});
