// vt and its tasks with fewer rights than the one who runs the tests, and with other ones.
import { expect, setDefaultTimeout, test } from "bun:test";
import { chmod, chown, cp, mkdir, readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { patience, runVt } from "../harness/vt.ts";
import { copyWorkspace, type Workspace } from "../harness/workspace.ts";
import { hit } from "./steered.ts";

setDefaultTimeout(patience);

const isRoot = process.getuid?.() === 0;
const needsRoot = isRoot ? "" : " (needs root)";
const nobody = 65534;
const asNobody = ["setpriv", `--reuid=${nobody}`, `--regid=${nobody}`, "--clear-groups"];

/** What Docker leaves to root, and no more. */
const docker =
  "chown,dac_override,fowner,fsetid,kill,setgid,setuid,setpcap,net_bind_service,net_raw,sys_chroot,mknod,audit_write,setfcap";
const inContainer = [
  "setpriv",
  `--bounding-set=-all,${docker
    .split(",")
    .map((name) => `+${name}`)
    .join(",")}`,
  "--inh-caps=-all",
];

/** A workspace that everybody may enter, and whose owner is `user`. */
async function openFor(user: number): Promise<Workspace> {
  const workspace = await copyWorkspace(join(import.meta.dir, "rights"));
  const base = dirname(workspace.root);
  for (const path of [dirname(base), base]) await chmod(path, 0o711);
  for (const path of [workspace.root, workspace.home, workspace.temporary]) {
    await chown(path, user, user);
    for (const name of await readdir(path)) await chown(join(path, name), user, user);
  }
  return workspace;
}

const rights = [
  { who: "an ordinary user", under: asNobody, user: nobody },
  { who: "root without more rights than Docker gives", under: inContainer, user: 0 },
];
const traces = ["auto", "full"];
const table = rights.flatMap((row) => traces.map((trace) => ({ ...row, trace })));

test.skipIf(!isRoot).each(table)(
  `$who has static and dynamic programs traced, in mode $trace${needsRoot}`,
  async ({ under, user, trace }) => {
    await using workspace = await openFor(user);
    const run = () =>
      runVt(workspace, ["run", "show"], { under, environment: { VT_TRACE: trace } });
    const first = await run();
    expect(first).toEqual({ exitCode: 0, text: first.text });
    expect(first.text).not.toContain("not cached");
    expect((await run()).text).toContain(hit);
    await Bun.write(join(workspace.root, "source"), "two\n");
    expect((await run()).text).toContain("'source' modified");
  },
);

test.skipIf(!isRoot).each(["join", "join-listed"])(
  `an input that cannot be read is a miss and keeps the run of %s out of the cache${needsRoot}`,
  async (task) => {
    await using workspace = await openFor(nobody);
    const parts = join(workspace.root, "parts");
    await mkdir(parts);
    await Bun.write(join(parts, "one"), "1\n");
    const run = async (): Promise<string> =>
      (await runVt(workspace, ["run", task], { under: asNobody })).text;
    expect(await run()).toContain("\n1\n");
    expect(await run()).toContain(hit);
    await Bun.write(join(parts, "two"), "2\n");
    await chmod(join(parts, "two"), 0);
    const second = await run();
    expect(second).toContain("'two' added in 'parts'");
    expect(second).toContain("none of parts/two\n");
    expect(second).toContain("input 'parts/two' could not be read");
    await chmod(join(parts, "two"), 0o644);
    expect(await run()).toContain("\n1\n2\n");
    expect(await run()).toContain(hit);
    await chmod(join(parts, "two"), 0);
    const last = await run();
    expect(last).not.toContain(hit);
    expect(last).toContain("none of parts/two\n");
  },
);

test.skipIf(!isRoot).each(["auto", "preload"])(
  `a program that runs as somebody else is named, and prints nothing of the tracer's, in mode %s${needsRoot}`,
  async (trace) => {
    await using workspace = await openFor(0);
    const environment = { VT_TRACE: trace };
    const { text } = await runVt(workspace, ["run", "show-as-nobody"], { environment });
    expect(text).not.toContain("ld.so");
    expect(text).toContain("one\n");
    expect(text).toContain("cat' runs with privileges of its own and cannot be tracked");
  },
);

test.skipIf(!isRoot)(
  `a program that runs as somebody else is seen in mode full, and prints nothing of the tracer's${needsRoot}`,
  async () => {
    await using workspace = await openFor(0);
    const environment = { VT_TRACE: "full" };
    const run = () => runVt(workspace, ["run", "show-as-nobody"], { environment });
    expect((await run()).text).not.toContain("ld.so");
    expect((await run()).text).toContain(hit);
    await Bun.write(join(workspace.root, "source"), "two\n");
    expect((await run()).text).toContain("'source' modified");
  },
);

test.skipIf(!isRoot).each(["auto", "full", "preload"])(
  `a task that changes what paths mean is named, in mode %s${needsRoot}`,
  async (trace) => {
    await using workspace = await openFor(0);
    await cp(Bun.which("busybox") ?? "", join(workspace.root, "busybox"));
    const environment = { VT_TRACE: trace };
    for (const [task, program] of [
      ["show-in-root", "/usr/sbin/chroot"],
      ["show-mounted", "/usr/bin/unshare"],
    ]) {
      const { text } = await runVt(workspace, ["run", `${task}`], { environment });
      expect(text).toContain("one\n");
      expect(text).toContain(`'${program}' changed what paths mean to it and cannot be tracked`);
    }
  },
);

test.skipIf(!isRoot).each(["4755", "4711"])(
  `a set-uid program of mode %s is named, and so is the task${needsRoot}`,
  async (mode) => {
    await using workspace = await openFor(nobody);
    const program = join(workspace.root, "raised");
    await cp("/usr/bin/id", program);
    await chown(program, 0, 0);
    await chmod(program, Number.parseInt(mode, 8));
    const { text } = await runVt(workspace, ["run", "raise"], { under: asNobody });
    expect(text).toContain("rights#raise not cached because");
    expect(text).toContain("/raised' runs with privileges of its own and cannot be tracked");
  },
);

test.skipIf(!isRoot).each(["auto", "preload"])(
  `a set-gid program of the system keeps its rights, and is named, in mode %s${needsRoot}`,
  async (trace) => {
    await using workspace = await openFor(nobody);
    const environment = { VT_TRACE: trace };
    const options = { under: asNobody, environment };
    const { exitCode, text } = await runVt(workspace, ["run", "show-age"], options);
    expect(text).toContain("Account expires"); // Which it reads where nobody else may.
    expect(exitCode).toBe(0);
    expect(text).toContain("chage' runs with privileges of its own and cannot be tracked");
  },
);
