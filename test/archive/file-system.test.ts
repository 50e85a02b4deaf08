import { describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import {
  type AbsolutePath,
  absolutePath,
  resolvePath,
  workspacePath,
} from "../../src/base/path.ts";
import { canMountHere, hasMemory, memory } from "../harness/abilities.ts";
import { noise, Sandbox } from "./sandbox.ts";

describe.skipIf(!hasMemory())("outputs are staged on another file system", () => {
  test("and restored all the same, with nothing left on either (needs memory)", async () => {
    using sandbox = new Sandbox();
    sandbox.file("dist/file", "content", 0o640);
    sandbox.file("dist/read-only", "r", 0o444);
    sandbox.link("dist/link", "file");
    const before = sandbox.picture();
    const stored = await sandbox.store();
    sandbox.remove("dist");
    sandbox.file("dist/file", "edited");
    using staging = temporaryDirectory(memory);
    const outcome = await sandbox.restore(stored, { stagingDirectory: staging.path });
    expect(outcome.kind).toBe("restored");
    expect(sandbox.picture()).toEqual(before);
    expect(readdirSync(staging.path)).toEqual([]);
  });
});

describe.skipIf(!canMountHere())("the disk is full", () => {
  test("the outputs are not stored, and nothing is left on it (needs mount as root)", async () => {
    using sandbox = new Sandbox();
    sandbox.file("small");
    sandbox.file("large", noise(5_000_000));
    sandbox.file("small too");
    using disk = smallDisk(sandbox.base);
    const paths = sandbox.paths();
    expect(await sandbox.create(paths, disk.path)).toEqual({
      kind: "cache-trouble",
      detail: "no space left on device",
    });
    expect(readdirSync(disk.path)).toEqual([]);
  });

  test("while outputs are staged: the tree is not touched (needs mount as root)", async () => {
    using sandbox = new Sandbox();
    sandbox.file("dist/large", noise(5_000_000));
    const stored = await sandbox.store();
    sandbox.remove("dist");
    sandbox.file("dist/large", "edited");
    const before = sandbox.picture();
    using disk = smallDisk(sandbox.base);
    expect(await sandbox.restore(stored, { stagingDirectory: disk.path })).toEqual({
      kind: "failed",
      detail: "no space left on device",
    });
    expect(sandbox.picture()).toEqual(before);
    expect(readdirSync(disk.path)).toEqual([]);
  });

  test("where outputs belong: what is there is whole (needs mount as root)", async () => {
    using sandbox = new Sandbox();
    mkdirSync(sandbox.at("dist"));
    using disk = smallDisk(sandbox.root, "dist");
    sandbox.file("dist/a", "a");
    const small = await sandbox.store(["dist/a"]);
    sandbox.file("src/large", noise(5_000_000));
    const large = await sandbox.store(["src/large"]);
    const manifest = large.manifest.map((entry) => ({ ...entry, path: workspacePath("dist/b/c") }));
    expect(await sandbox.restore({ ...large, manifest })).toEqual({
      kind: "failed",
      detail: "no space left on device",
    });
    expect(readdirSync(disk.path)).toEqual(["a"]);
    expect((await sandbox.restore(small)).kind).toBe("restored");
  });
});

type Place = { readonly path: AbsolutePath; [Symbol.dispose](): void };

function temporaryDirectory(parent: string): Place {
  const path = absolutePath(mkdtempSync(`${parent}/vt-test-`));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true }) };
}

/** A file system of 300 KiB. */
function smallDisk(parent: AbsolutePath, name = "disk"): Place {
  const path = resolvePath(parent, name);
  mkdirSync(path, { recursive: true });
  if (!didMount(path)) throw new Error(`cannot mount at ${path}`);
  return { path, [Symbol.dispose]: () => unmount(path) };
}

function didMount(path: string): boolean {
  return Bun.spawnSync(["mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", path]).success;
}

function unmount(path: string): void {
  if (!Bun.spawnSync(["umount", path]).success) throw new Error(`cannot unmount ${path}`);
}
