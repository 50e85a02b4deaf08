import { expect, test } from "bun:test";
import { writeFile } from "node:fs/promises";
import { has32BitCalls } from "../harness/abilities.ts";
import { temporaryDirectory } from "../harness/temporary-directory.ts";
import { program, world } from "./own-program.ts";
import { runTraced } from "./run-traced.ts";

/** A program for i386 that ends with code 42, and needs no compiler for it. */
function programOf32Bits(): Uint8Array {
  const code = [0xb8, 1, 0, 0, 0, 0xbb, 42, 0, 0, 0, 0xcd, 0x80]; // exit(42)
  const [start, headers] = [0x8048000, 52 + 32];
  const bytes = Buffer.alloc(headers + code.length);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 1, 1, 1]); // 32 bits, little-endian.
  for (const [at, value] of [
    [16, 2],
    [18, 3],
    [40, 52],
    [42, 32],
    [44, 1],
  ] as const)
    bytes.writeUInt16LE(value, at); // A program for i386, with one segment.
  for (const [at, value] of [
    [20, 1],
    [24, start + headers],
    [28, 52],
  ] as const)
    bytes.writeUInt32LE(value, at);
  const segment = [1, 0, start, start, bytes.length, bytes.length, 5, 0x1000];
  for (const [index, value] of segment.entries()) bytes.writeUInt32LE(value, 52 + 4 * index);
  bytes.set(code, headers);
  return bytes;
}

test.each(["auto", "full", "preload"] as const)(
  "in mode %s a program of 32 bits runs, and is named",
  async (mode) => {
    await using directory = await temporaryDirectory();
    const path = `${directory.path}/program`;
    await writeFile(path, programOf32Bits(), { mode: 0o755 });
    const bare = Bun.spawnSync(["/bin/sh", "-c", path], { cwd: directory.path });
    const { code, trace } = await runTraced({
      directory: directory.path,
      mode,
      command: ["/bin/sh", "-c", path],
    });
    expect(code).toBe(bare.exitCode); // A kernel may not have what it takes.
    expect(trace.incomplete).toContainEqual({ kind: "foreign-architecture", program: path });
  },
);

/** Opens `dir/file` by a call as i386 numbers it. */
const callsOf32Bits = `
  int answer;
  char *path = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
  strcpy(path, "dir/file");
  __asm__ volatile("int $0x80" : "=a"(answer) : "0"(5 /* open */), "b"((int)(long)path), "c"(0), "d"(0) : "memory");
  return answer >= 3 ? 0 : 1;`;
test.skipIf(!has32BitCalls()).each(["auto", "full"] as const)(
  "in mode %s a program that makes 32-bit calls is named (needs 32-bit calls)",
  async (mode) => {
    await using directory = await temporaryDirectory();
    await world(directory.path);
    const path = await program(directory.path, callsOf32Bits);
    const { code, trace } = await runTraced({ directory: directory.path, mode, command: [path] });
    expect(code).toBe(0);
    expect(trace.incomplete).toEqual([{ kind: "foreign-architecture", program: path }]);
  },
);
