import { describe, expect, test } from "bun:test";
import { writeFile } from "node:fs/promises";
import { temporaryDirectory } from "../harness/temporary-directory.ts";
import { compileC, lines, runTraced } from "./run-traced.ts";

const inner = Bun.fileURLToPath(import.meta.resolve("./trace-command.ts"));
const modes = ["auto", "full", "preload"] as const;
const pairs = modes.flatMap((outer) => modes.map((mode) => ({ outer, inner: mode })));

describe("a tracer inside a tracer", () => {
  test.each(pairs)("in mode $inner inside $outer reports to both", async (row) => {
    await using directory = await temporaryDirectory();
    await writeFile(`${directory.path}/file`, "content");
    const { accesses, stdout, stderr } = await runTraced({
      directory: directory.path,
      mode: row.outer,
      command: [
        process.execPath,
        inner,
        row.inner,
        directory.path,
        "/bin/sh",
        "-c",
        "cat file; echo > made",
      ],
    });
    expect(stderr).toBe("");
    const told = JSON.parse(stdout);
    expect(told.lines).toContain("read ok file");
    expect(told.lines).toContain("write ok made");
    expect(lines(accesses)).toContain("read ok file");
    expect(lines(accesses)).toContain("write ok made");
  });

  test.each(modes)(
    "in mode full inside %s never misses a static program silently",
    async (outer) => {
      await using directory = await temporaryDirectory();
      const program = await compileC(directory.path, {
        name: "static",
        source: `#include <unistd.h>\nint main(void) { return access("looked-for", F_OK) == 0; }`,
        flags: ["-static"],
      });
      const { accesses, stdout, trace } = await runTraced({
        directory: directory.path,
        mode: outer,
        command: [process.execPath, inner, "full", directory.path, program],
      });
      const told = JSON.parse(stdout);
      expect(told.code).toBe(0);
      if (outer !== "preload") {
        // One listener a process: the outer one sees it, the inner one says that it could not.
        expect(told.incomplete.map(({ kind }: { kind: string }) => kind)).toContain(
          "filter-refused",
        );
        expect(told.incomplete).toContainEqual({ kind: "untraced-program", program });
      } else {
        expect(told.incomplete).toEqual([]);
        expect(told.lines).toContain("probe missing looked-for");
      }
      const hasSeen = lines(accesses).includes("probe missing looked-for");
      expect(hasSeen || trace.incomplete.length > 0).toBe(true);
      expect(hasSeen).toBe(true);
    },
  );
});
