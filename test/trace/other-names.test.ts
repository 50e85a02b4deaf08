// Looks at a root by a link that stands outside of it; of looks outside that lead nowhere near, nothing is to be seen.
import { expect, test } from "bun:test";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { traceModes } from "../../src/trace/trace-mode.ts";
import { temporaryDirectory } from "../harness/temporary-directory.ts";
import { lines, runTraced } from "./run-traced.ts";

/** `/out` is a directory outside the root, with links into it. */
const cases = [
  {
    name: "a file by the other name of its directory",
    script: 'cat "$0/tree/in/file"',
    expected: "read ok /out/tree/in/file",
  },
  {
    name: "a file by another name of its own",
    script: 'cat "$0/file"',
    expected: "read ok /out/file",
  },
  {
    name: "a file by the name of a link to a link",
    script: 'cat "$0/again"',
    expected: "read ok /out/again",
  },
  {
    name: "a file that is missing",
    script: '! cat "$0/tree/in/none" 2> /dev/null',
    expected: "read missing /out/tree/in/none",
  },
  {
    name: "a file in a directory that is missing",
    script: '! cat "$0/tree/none/of/it" 2> /dev/null',
    expected: "read missing /out/tree/none/of/it",
  },
  {
    name: "a file that a link leads to and that is missing",
    script: '! cat "$0/later" 2> /dev/null',
    expected: "read missing /out/later",
  },
  {
    name: "a file in a directory that a link leads to and that is missing",
    script: '! cat "$0/nowhere/file" 2> /dev/null',
    expected: "read missing /out/nowhere/file",
  },
  {
    name: "a listing",
    script: 'ls "$0/tree/in"',
    expected: "list ok /out/tree/in",
  },
  {
    name: "the way up from a link",
    script: 'cat "$0/deep/../file"',
    expected: "read ok /out/deep/../file",
  },
  {
    name: "a file by a way up out of a directory of the system",
    script: 'cat "/usr/lib/../..$0/tree/in/file"',
    expected: "read ok /usr/lib/../../out/tree/in/file",
  },
  {
    name: "a file by a relative path",
    script: 'cd "$0" && cat tree/in/file',
    expected: "read ok /out/tree/in/file",
  },
  {
    name: "a link of the root that leads out",
    script: 'cat "$0/tree/out/plain"',
    expected: "read ok /out/tree/out/plain",
  },
] as const;

const table = cases.flatMap((row) => traceModes.map((mode) => ({ ...row, mode })));

test.each(table)("in mode $mode $name is seen by a name outside", async (row) => {
  await using world = await makeWorld();
  expect(await world.look(row.mode, ["sh", "-c", row.script, world.out])).toContain(row.expected);
});

test.each(["full", "auto"] as const)(
  "in mode %s a program that calls the kernel itself is seen by a name outside",
  async (mode) => {
    await using world = await makeWorld();
    const script = 'require("fs").readFileSync(process.argv[1] + "/tree/in/file")';
    const command = [process.execPath, "-e", script, world.out] as const;
    expect(await world.look(mode, command)).toContain("read unknown /out/tree/in/file");
  },
);

test.each(traceModes)("in mode %s what lies outside is not recorded", async (mode) => {
  await using world = await makeWorld();
  const script =
    'cat "$0/plain" "$0/alias" "$0/around/plain"; ls "$0/around"; readlink "$0/tree" "$0/file"';
  const seen = await world.look(mode, ["sh", "-c", script, world.out]);
  expect(seen.filter((line) => line.includes("/out"))).toEqual([]);
});

test.each(traceModes)("in mode %s a link that is moved is followed anew", async (mode) => {
  await using world = await makeWorld();
  const script =
    'cat "$0/around/in/file"; rm "$0/around"; mv "$0/tree" "$0/around"; cat "$0/around/in/file"';
  const seen = await world.look(mode, ["sh", "-c", `${script}; true`, world.out]);
  expect(seen).toContain("read ok /out/around/in/file");
});

async function makeWorld() {
  const directory = await temporaryDirectory();
  const outside = await temporaryDirectory();
  const [root, out] = [directory.path, outside.path];
  await mkdir(`${root}/in/deep`, { recursive: true });
  await writeFile(`${root}/in/file`, "");
  await writeFile(`${out}/plain`, "");
  const links = {
    [`${root}/out`]: out,
    [`${out}/tree`]: root,
    [`${out}/file`]: "tree/in/file",
    [`${out}/again`]: "file",
    [`${out}/later`]: "tree/in/later",
    [`${out}/nowhere`]: "tree/in/nowhere",
    [`${out}/deep`]: "tree/in/deep",
    [`${out}/around`]: ".",
    [`${out}/alias`]: "plain",
  };
  for (const [path, target] of Object.entries(links)) await symlink(target, path);
  return {
    out,
    /** What was recorded of a command that succeeded. */
    look: async (mode: (typeof traceModes)[number], command: readonly [string, ...string[]]) => {
      const { accesses, code } = await runTraced({ directory: root, mode, command });
      expect(code).toBe(0);
      return lines(accesses).map((line) => line.replaceAll(out, "/out"));
    },
    [Symbol.asyncDispose]: async () => {
      await directory[Symbol.asyncDispose]();
      await outside[Symbol.asyncDispose]();
    },
  };
}
