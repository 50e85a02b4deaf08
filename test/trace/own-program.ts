import { mkdir, writeFile } from "node:fs/promises";
import type { AbsolutePath } from "../../src/base/path.ts";
import { compileC } from "./run-traced.ts";

/** A program of its own whose `main` has this body. */
export async function program(
  directory: AbsolutePath,
  body: string,
  flags: readonly string[] = [],
): Promise<string> {
  const source = `
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
int main(int argc, char **argv) { ${body} }`;
  return await compileC(directory, { name: "program", source, flags });
}

/** What the programs find. */
export async function world(directory: AbsolutePath): Promise<void> {
  await mkdir(`${directory}/dir`);
  await writeFile(`${directory}/dir/file`, "content");
}
