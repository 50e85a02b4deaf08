import { expect, test } from "bun:test";
import { temporaryDirectory } from "../harness/temporary-directory.ts";
import { compileC, runTraced } from "./run-traced.ts";

const source = `
#include <stdio.h>
#include <unistd.h>
int main(void) {
  char name[64];
  for (int round = 0; round < 2; round++)
    for (int i = 0; i < 20000; i++) { sprintf(name, "missing-%d", i); access(name, F_OK); }
  return 0;
}`;

test.each(["auto", "full", "preload"] as const)(
  "in mode %s a step that touches very many paths has each of them in its trace once",
  async (mode) => {
    await using directory = await temporaryDirectory();
    const program = await compileC(directory.path, { name: "program", source, flags: [] });
    const command = [program] as const;
    const { trace, accesses } = await runTraced({ directory: directory.path, mode, command });
    expect(trace.incomplete).not.toContainEqual({ kind: "channel-full" });
    expect(accesses.filter(({ path }) => path.startsWith("missing-")).length).toBe(20000);
  },
  30_000,
);
