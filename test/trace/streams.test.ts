// Streams of C, which the library opens in two steps under the filter.
import { expect, test } from "bun:test";
import { readdir, rm } from "node:fs/promises";
import { traceModes } from "../../src/trace/trace-mode.ts";
import { temporaryDirectory } from "../harness/temporary-directory.ts";
import { compileC, runTraced } from "./run-traced.ts";

/** Opens streams of each mode, and tells what was written, read, and how the descriptor is. */
const source = `
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
int main(int argc, char **argv) {
  for (int i = 1; i < argc; i++) {
    const char *name = strchr(argv[i], 'x') ? argv[i] : "file"; char text[9] = {0}; errno = 0;
    FILE *stream = fopen(name, argv[i]);
    if (stream == NULL) { printf("%s %d\\n", argv[i], errno); continue; }
    int put = fputs("new", stream), error = ferror(stream); clearerr(stream); rewind(stream);
    fgets(text, sizeof text, stream);
    printf("%s %d %d %s %d %x %ld\\n", argv[i], put, error, text, fcntl(fileno(stream), F_GETFD),
           fcntl(fileno(stream), F_GETFL), ftell(stream));
    fclose(stream);
  }
}`;

const kinds = [
  "w",
  "wb",
  "r",
  "r+",
  "a",
  "ab+",
  "w+e",
  "wx",
  "w+bxe",
  "rm",
  "rx",
  "w,ccs=UTF-8",
  "q",
  "",
];

test.each(traceModes)("in mode %s a stream is what its mode makes it", async (mode) => {
  await using programs = await temporaryDirectory();
  await using directory = await temporaryDirectory();
  const program = await compileC(programs.path, { name: "streams", source });
  const command = [program, ...kinds] as const;
  const untraced = Bun.spawnSync([...command], { cwd: directory.path }).stdout.toString();
  expect(untraced.trimEnd().split("\n")).toHaveLength(kinds.length);
  for (const made of await readdir(directory.path)) await rm(`${directory.path}/${made}`);
  const { stdout } = await runTraced({ directory: directory.path, mode, command });
  expect(stdout).toBe(untraced);
});
