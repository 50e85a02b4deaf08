// Places where vt can hardly write, or where times are coarse. Where one has to be mounted, that is done
// in a mount namespace, which ends with the vt that runs in it.
import { expect, setDefaultTimeout, test } from "bun:test";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { canMount, canMountExt4, unshare } from "../harness/abilities.ts";
import { patience, runVt, type VtOptions } from "../harness/vt.ts";
import { hit, openSteered, type Steered } from "./steered.ts";

setDefaultTimeout(patience);

/** Mounts at `$0` and runs the rest. */
const smallTmpfs = 'mount -t tmpfs -o size=1m tmpfs "$0" && exec "$@"';
const readOnly = 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec "$@"';

test.each([
  { what: "is not there", directory: "/nonexistent" },
  { what: "is no directory", directory: "/dev/null" },
  { what: "lets nobody write", directory: "/proc" },
])("a task runs where TMPDIR $what", async ({ directory }) => {
  await using workspace = await openSteered();
  await expectCopied(workspace, { environment: { TMPDIR: directory } });
});

test.skipIf(!canMount())("a task runs where TMPDIR has no room (needs mount)", async () => {
  await using workspace = await openSteered();
  const directory = join(workspace.home, "small");
  await mkdir(directory);
  const under = [...unshare, "sh", "-c", smallTmpfs, directory];
  await expectCopied(workspace, { environment: { TMPDIR: directory }, under });
});

test.skipIf(!canMount())("outputs are restored from a read-only cache (needs mount)", async () => {
  await using workspace = await openSteered();
  const cache = join(workspace.home, "cache");
  const environment = { VT_CACHE_DIR: cache };
  await runVt(workspace, ["run", "copy"], { environment });
  await rm(join(workspace.root, "made"));
  const under = [...unshare, "sh", "-c", readOnly, cache];
  const { exitCode, text } = await runVt(workspace, ["run", "copy"], { environment, under });
  expect({ exitCode, text }).toEqual({ exitCode: 0, text });
  expect(text).toContain(hit);
  expect(await workspace.read("made")).toBe("source\n");
});

test.skipIf(!canMountExt4())(
  "edits within one second count where times are whole seconds (needs ext4)",
  async () => {
    await using workspace = await openSteered();
    const [image, place] = [join(workspace.home, "image"), join(workspace.home, "mounted")];
    await mkdir(place);
    const under = [...unshare, "sh", "whole-seconds.sh", image, place];
    const { exitCode, text } = await runVt(workspace, ["run", "show"], { under });
    expect({ exitCode, text }).toEqual({ exitCode: 0, text });
    expect(text.match(/^(one|two|six|ten)$/gm)).toEqual(["one", "two", "six", "ten"]);
  },
);

test.skipIf(!canMount())(
  "what is written through a mapping counts where no time tells of it (needs mount)",
  async () => {
    await using workspace = await openSteered();
    const place = join(workspace.home, "mounted");
    await mkdir(place);
    const program =
      'const text = Bun.mmap("source"); text[0] ^= 3; console.log(Buffer.from(text).toString())';
    await writeFile(join(workspace.tools, "program.js"), program);
    await workspace.writeTool("tool", `; exec ${process.execPath} ${workspace.tools}/program.js`);
    const PATH = `${workspace.tools}:${process.env["PATH"]}`;
    const under = [...unshare, "sh", "in-memory.sh", place];
    const { exitCode, text } = await runVt(workspace, ["run", "tool"], {
      environment: { PATH },
      under,
    });
    expect({ exitCode, text }).toEqual({ exitCode: 0, text });
    expect(text.match(/^[ab]bc$/gm)).toEqual(["bbc", "abc", "bbc"]);
  },
);

async function expectCopied(workspace: Steered, options: VtOptions): Promise<void> {
  const { exitCode, text } = await runVt(workspace, ["run", "copy"], options);
  expect({ exitCode, text }).toEqual({ exitCode: 0, text });
  expect(text).toContain("\ncopied\n");
  expect(await workspace.read("made")).toBe("source\n");
}
