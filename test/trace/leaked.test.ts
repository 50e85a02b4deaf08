// The tracer's variables outlive its step where a daemon, a shell of an editor or a file of saved variables
// keeps them. What is started with them then runs as it would without.
import { expect, test } from "bun:test";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import type { AbsolutePath } from "../../src/base/path.ts";
import { Tracer } from "../../src/trace/tracer.ts";
import { temporaryDirectory } from "../harness/temporary-directory.ts";
import { cleanEnvironment, library, startTraced } from "./run-traced.ts";

const shell =
  "cat dir/file none; ls dir; (exec -a name cat dir/file); mkdir dir/made; rmdir dir/made";

const commands: readonly (readonly [name: string, command: readonly [string, ...string[]]])[] = [
  ["a shell and its programs", ["bash", "-c", `${shell}; exit 3`]],
  ["a static program", ["sh", "-c", "busybox cat dir/file none; exit 4"]],
  [
    "a runtime that calls the kernel itself",
    [process.execPath, "-e", `console.log(await Bun.file("dir/file").text()); process.exit(5)`],
  ],
  ["a program that clears its environment", ["env", "-i", "/bin/sh", "-c", "cat dir/file; exit 6"]],
  ["a program that is not there", ["sh", "-c", "exec ./none"]],
];

type Variables = Readonly<Record<string, string>>;

/** What is left of a step's variables, and of its files. */
const leftovers: readonly (readonly [
  name: string,
  leave: (given: Variables, directory: AbsolutePath) => Promise<Variables> | Variables,
])[] = [
  ["all variables and none of the files", (given) => given],
  ["the library alone", ({ LD_PRELOAD = "" }) => ({ LD_PRELOAD })],
  [
    "a channel that is empty",
    async (given, directory) => {
      await writeFile(`${directory}/empty`, "");
      return { ...given, VT_CHANNEL: `${directory}/empty` };
    },
  ],
  [
    "a channel that is another file",
    async (given, directory) => {
      await writeFile(`${directory}/other`, "text\n".repeat(10_000));
      return { ...given, VT_CHANNEL: `${directory}/other` };
    },
  ],
  ["a channel whose name is too long", (given) => ({ ...given, VT_CHANNEL: "/x".repeat(10_000) })],
  [
    "variables that are empty",
    (given) => ({ ...given, VT_CHANNEL: "", VT_LIBRARY: "", VT_TRACE_SOCKET: "" }),
  ],
];

/** The variables of a step that is over. */
async function variablesOf(mode: "auto" | "preload", directory: AbsolutePath): Promise<Variables> {
  await using channels = await temporaryDirectory();
  using tracer = Tracer.open({
    library: library(),
    mode,
    directory: channels.path,
    roots: [directory],
  });
  using trace = tracer.begin();
  const child = startTraced(trace, { directory, command: ["env"] });
  const text = await child.stdout.text();
  await child.exited;
  const lines = text.split("\n").filter((line) => /^(VT_|LD_PRELOAD|ASAN_)/.test(line));
  return Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
  );
}

function run(command: readonly string[], cwd: string, variables: Variables) {
  const { exitCode, signalCode, stdout, stderr } = Bun.spawnSync([...command], {
    cwd,
    env: { ...cleanEnvironment(), ...variables },
  });
  return { exitCode, signalCode, stdout: stdout.toString(), stderr: stderr.toString() };
}

for (const mode of ["auto", "preload"] as const)
  for (const [left, leave] of leftovers)
    test(`with ${left}, left by a step in mode ${mode}, a program runs as it would without`, async () => {
      await using directory = await temporaryDirectory();
      await mkdir(`${directory.path}/dir`);
      await writeFile(`${directory.path}/dir/file`, "content\n");
      const given = await variablesOf(mode, directory.path);
      expect(given["LD_PRELOAD"]).toBe(library().path);
      const variables = await leave(given, directory.path);
      for (const [name, command] of commands)
        expect({ name, ...run(command, directory.path, variables) }).toEqual({
          name,
          ...run(command, directory.path, {}),
        });
    });

test("a file that a left name leads to is not written to", async () => {
  await using directory = await temporaryDirectory();
  const other = `${directory.path}/other`;
  const text = "text\n".repeat(10_000);
  await writeFile(other, text);
  const given = await variablesOf("auto", directory.path);
  // More than are known at once.
  const channels = Array.from({ length: 20 }, () => other).join(":");
  run(["sh", "-c", "ls"], directory.path, { ...given, VT_CHANNEL: channels });
  expect(await readFile(other, "utf8")).toBe(text);
});
