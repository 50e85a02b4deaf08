import { expect, test } from "bun:test";
import { chmodSync, statSync, writeFileSync } from "node:fs";
import { absolutePath } from "../../src/base/path.ts";
import { Cache } from "../../src/cache/cache.ts";
import { Programs, programUses } from "../../src/cache/programs.ts";
import { HashMemo } from "../../src/fingerprint/hash-memo.ts";
import { temporaryDirectory } from "../harness/temporary-directory.ts";

test("the hash of a program is remembered, unless it was changed so late that the next change may not show", async () => {
  await using directory = await temporaryDirectory();
  const program = absolutePath(`${directory.path}/program`);
  writeFileSync(program, "#!/bin/sh\n");
  chmodSync(program, 0o755);
  const changedMs = Math.floor(statSync(program).ctimeMs);
  const rememberedAt = (nowMs: number): number => {
    const now = (): number => nowMs;
    const warn = (text: string): void => {
      throw new Error(text);
    };
    using cache = Cache.open({ root: directory.path, environment: {}, now, warn });
    const programs = new Programs(
      { cache, hashes: new HashMemo(now), told: new Map() },
      () => program,
    );
    const search = { cwd: directory.path, path: undefined };
    expect(programUses(programs, [program], search)).toHaveLength(1);
    const ids = cache.attempt((database) => database.recordIds()) ?? [];
    return ids.filter(({ kind }) => kind === "program").length;
  };
  expect(rememberedAt(changedMs + 1)).toBe(0);
  expect(rememberedAt(changedMs + 5_000)).toBe(1);
});
