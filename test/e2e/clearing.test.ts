// Programs that clear a directory find out what is in it in ways of their own: some open everything as if it
// were a directory, and are refused where it is a file.
import { expect, setDefaultTimeout, test } from "bun:test";
import { rm } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { patience, runVt } from "../harness/vt.ts";
import { copyWorkspace, type Workspace } from "../harness/workspace.ts";
import { hit } from "./steered.ts";

setDefaultTimeout(patience);

const programs = { rm: "rm", busybox: "busybox", node: "node", python: "python3", bun: "bun" };

for (const [task, program] of Object.entries(programs)) {
  const isThere = program === "bun" || Bun.which(program) !== null;
  test.skipIf(!isThere)(
    `what ${program} removes with its directory and makes anew is written, not read (needs ${program})`,
    async () => {
      await using workspace = await copyWorkspace(join(import.meta.dir, "clearing"));
      expect(await run(workspace, task)).not.toContain("not cached");
      await Bun.write(join(workspace.root, "source"), "two\n");
      expect(await run(workspace, task)).not.toContain("not cached");
      expect(await read(workspace)).toBe("two\n");
      expect(await run(workspace, task)).toContain(hit);
      await Bun.write(join(workspace.root, "source"), "one\n");
      expect(await run(workspace, task)).toContain(hit);
      expect(await read(workspace)).toBe("one\n");
      await rm(join(workspace.root, "made"), { recursive: true });
      await Bun.write(join(workspace.root, "made/one"), "somebody's\n");
      await run(workspace, task);
      expect(await read(workspace)).toBe("one\n");
    },
  );
}

async function run(workspace: Workspace, task: string): Promise<string> {
  // With the Bun that runs the tests.
  const PATH = [dirname(process.execPath), process.env["PATH"]].join(delimiter);
  const { exitCode, text } = await runVt(workspace, ["run", task], { environment: { PATH } });
  expect({ exitCode, text }).toEqual({ exitCode: 0, text });
  return text;
}

async function read({ root }: Workspace): Promise<string> {
  return await Bun.file(join(root, "made/two")).text();
}
