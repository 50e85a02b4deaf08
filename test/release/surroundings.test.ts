// vt where hardly anything is as usual. What has to be mounted is mounted in a namespace that ends with vt.
import { expect, setDefaultTimeout, test } from "bun:test";
import { cp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { canMount, unshare } from "../harness/abilities.ts";
import { patience, runVt, type VtOptions, vtPath } from "../harness/vt.ts";
import { copyWorkspace, type Workspace } from "../harness/workspace.ts";

setDefaultTimeout(patience);

const open = () => copyWorkspace(join(import.meta.dir, "workspace"));

/** What is run in a namespace of its own, before vt is: `$0` is a directory. */
const within = (script: string, directory: string): readonly string[] => [
  ...unshare,
  ...["sh", "-c", `${script} && exec "$@"`, directory],
];

const noPrograms = 'mount -t tmpfs -o noexec tmpfs "$0"';
/** Nothing can be written but what lies below `$0`. */
const readOnly =
  'mount --bind "$0" "$0" && mount -o remount,bind,ro / && mount -t tmpfs -o ro tmpfs /dev/shm';

test.skipIf(!canMount())(
  "a tool is heard where no program may be run from the home directory (needs mount)",
  async () => {
    await using workspace = await open();
    const under = within(noPrograms, workspace.home);
    const run = () => runVt(workspace, ["run", "opt-out"], { under });
    expect((await run()).exitCode).toBe(0);
    expect((await run()).text).toContain("the task opted out of caching");
  },
);

test.skipIf(!canMount())(
  "where nothing but the workspace can be written to, vt says what it lacks (needs mount)",
  async () => {
    await using workspace = await open();
    const under = within(readOnly, workspace.root);
    const { exitCode, text } = await runVt(workspace, ["run", "--cache", "observed"], { under });
    expect({ exitCode, text }).toEqual({ exitCode: 0, text });
    expect(text).toContain(
      "not cached because files cannot be tracked here: there is no directory",
    );
    expect(text).toContain("set TMPDIR to one");
    await expectCached(workspace, "explicit", { under });
  },
);

test.skipIf(!canMount())(
  "where nothing but the workspace and memory can be written to, everything works (needs mount)",
  async () => {
    await using workspace = await open();
    const under = within(`${readOnly} && mount -o remount,rw /dev/shm`, workspace.root);
    await expectCached(workspace, "observed", { under });
  },
);

test("vt and the workspace may lie where spaces are, and HOME is not needed", async () => {
  await using workspace = await open();
  const directory = join(workspace.home, "a  place\twith spaces");
  await cp(workspace.root, join(directory, "root"), { recursive: true });
  await cp(vtPath, join(directory, "vt"));
  const moved = { ...workspace, root: join(directory, "root") };
  const options = { program: join(directory, "vt"), environment: { HOME: "" } };
  await expectCached(moved, "observed", options);
});

const preloaded = "process.stdout.write('not ours\\n'); process.exit(9);";

test("settings for Bun and Node in the user's directory do nothing to vt", async () => {
  await using workspace = await open();
  await makeHostile(workspace.root);
  const environment = { NODE_OPTIONS: "--require ./preload.cjs" };
  const run = await runVt(workspace, ["run", "--cache", "observed"], { environment });
  expect(run).toEqual({
    exitCode: 0,
    text: "$ cat source > observed.txt && cat observed.txt\nsource\n\n",
  });
  const variables = await runVt(workspace, ["run", "variables"], { environment });
  expect(variables.text).not.toContain("HOSTILE");
});

test.each([
  { variable: "BUN_OPTIONS", value: "--preload ./preload.cjs" },
  { variable: "BUN_INSPECT_PRELOAD", value: "./preload.cjs" },
])("$variable can keep vt from starting, and no more", async ({ variable, value }) => {
  await using workspace = await open();
  await makeHostile(workspace.root);
  const environment = { [variable]: value };
  const { exitCode, text } = await runVt(workspace, ["run", "observed"], { environment });
  expect(text).not.toContain("not ours");
  expect(exitCode).not.toBe(9);
});

/** What would be loaded, were it not for the settings of `scripts/compile.ts`. */
async function makeHostile(root: string): Promise<void> {
  await writeFile(join(root, ".env"), "HOSTILE=1\nVT_CACHE=off\nVT_TRACE=off\n");
  await writeFile(join(root, "preload.cjs"), preloaded);
  await writeFile(join(root, "bunfig.toml"), 'preload = ["./preload.cjs"]\n');
  await writeFile(
    join(root, "tsconfig.json"),
    '{ "compilerOptions": { "paths": { "*": ["./preload.cjs"] } } }',
  );
}

/** Runs it twice, the second time without what the first made. */
async function expectCached(workspace: Workspace, task: string, options: VtOptions): Promise<void> {
  const made = join(workspace.root, `${task}.txt`);
  const first = await runVt(workspace, ["run", "--cache", task], options);
  expect(first).toEqual({ exitCode: 0, text: first.text });
  expect(first.text).not.toContain("not cached");
  await rm(made);
  const second = await runVt(workspace, ["run", "--cache", task], options);
  expect(second.text).toContain("◉ cache hit, replaying");
  expect(await readFile(made, "utf8")).toBe("source\n");
}
