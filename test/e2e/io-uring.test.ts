// A program that asks for what a traced task does not get.
import { expect, setDefaultTimeout, test } from "bun:test";
import { patience, runVt } from "../harness/vt.ts";
import { copyWorkspace } from "../harness/workspace.ts";

setDefaultTimeout(patience);

const hasPerl = Bun.which("perl") !== null;
const needsPerl = hasPerl ? "" : " (needs perl)";

test.skipIf(!hasPerl).each(["auto", "full", "preload"])(
  `a task whose program does without io_uring is named when it fails, and in the details, in mode %s${needsPerl}`,
  async (trace) => {
    await using workspace = await copyWorkspace(`${import.meta.dir}/io-uring`);
    const environment = { VT_TRACE: trace };
    const failed = await runVt(workspace, ["run", "insist"], { environment });
    expect(failed.exitCode).toBe(38);
    expect(failed.text).toContain("io-uring#insist asked for io_uring");
    const content = await runVt(workspace, ["run", "try"], { environment });
    expect(content).toEqual({ exitCode: 0, text: "$ perl try.pl\n38\n\n" });
    const details = await runVt(workspace, ["run", "--last-details"]);
    expect(details.text).toContain(
      "→ Without io_uring, which a tracked task does not get: '/usr/bin/perl'",
    );
  },
);
