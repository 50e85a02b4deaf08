import { compileC } from "../../trace/run-traced.ts";
import { type Program, sources } from "./program.ts";

/** Looks, lists, changes and removes, by calls of the C library or of the kernel. */
const calls = `
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#ifdef DIRECT
#define open(path, flags, mode) syscall(SYS_openat, AT_FDCWD, path, flags, mode)
#define stat(path, out) syscall(SYS_newfstatat, AT_FDCWD, path, out, 0)
#define mkdir(path, mode) raw(SYS_mkdirat, AT_FDCWD, (long)path, mode, 0)
#define rename(from, to) raw(SYS_renameat2, AT_FDCWD, (long)from, AT_FDCWD, (long)to)
#define unlink(path) raw(SYS_unlinkat, AT_FDCWD, (long)path, 0, 0)
static long raw(long n, long a, long b, long c, long d) {
  long r; register long r10 __asm__("r10") = d; register long r8 __asm__("r8") = 0;
  __asm__ volatile("syscall" : "=a"(r) : "0"(n), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8) : "rcx", "r11", "memory");
  return r;
}
#endif
int main(int argc, char **argv) {
  struct stat status; char bytes[PATH_MAX];
  stat("src/a.txt", &status); stat("src/missing.txt", &status); stat("./src//b.txt", &status);
  close(open("src/a.txt", O_RDONLY, 0)); open("src/gone/x", O_RDONLY, 0);
  mkdir("out", 0777); mkdir("out", 0777);
  int fd = open("out/one", O_CREAT | O_EXCL | O_WRONLY, 0644); write(fd, "1", 1); close(fd);
  rename("out/one", "out/two"); unlink("out/one");
  fd = open("out/two", O_RDWR, 0); close(fd);
  symlink("../src/a.txt", "out/link"); readlink("out/link", bytes, sizeof bytes); realpath("out/link", bytes);
  DIR *directory = opendir("src"); while (readdir(directory)) ; closedir(directory);
  fclose(fopen("out/two", "a")); unlink("out/two");
  if (argc > 1) execl("/bin/cat", "cat", "src/b.txt", "src/none", (char *)0);
  return 0;
}`;

type Build = {
  readonly name: string;
  readonly flags?: readonly string[];
  readonly args?: readonly string[];
  readonly compiler?: string;
};

function compiled({ name, compiler, args = [], flags = [] }: Build): Program {
  const options = { name: "program", source: calls, flags, ...(compiler && { compiler }) };
  return {
    name,
    files: sources,
    command: ["./program", ...args],
    prepare: (directory) => compileC(directory, options),
    isDirect: true,
    ...(compiler && { needs: compiler }),
  };
}

/** C programs of every kind that the tracer tells apart. */
export const compiledPrograms: readonly Program[] = [
  compiled({ name: "C, dynamic" }),
  compiled({ name: "C, static", flags: ["-static"] }),
  compiled({ name: "C, static, runs a dynamic program", flags: ["-static"], args: ["run"] }),
  compiled({ name: "C, calls the kernel directly", flags: ["-DDIRECT"] }),
  compiled({ name: "C, calls the kernel directly, not PIE", flags: ["-DDIRECT", "-no-pie"] }),
  compiled({ name: "C, musl, runs a program of glibc", compiler: "musl-gcc", args: ["run"] }),
  compiled({ name: "C, musl, static", compiler: "musl-gcc", flags: ["-static"] }),
];
