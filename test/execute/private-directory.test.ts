import { expect, test } from "bun:test";
import { mkdirSync, rmSync, statSync, symlinkSync } from "node:fs";
import type { Environment } from "../../src/base/host.ts";
import { makePrivateDirectory } from "../../src/execute/private-directory.ts";
import { temporaryDirectory } from "../harness/temporary-directory.ts";

const prefix = "vt-test-private-";

/** Makes a directory and removes it again. */
function make(
  environment: Environment,
  { roomBytes = 0, canHold = (_: string): boolean => true } = {},
): { readonly path: string; readonly mode: number } {
  const path = makePrivateDirectory(environment, { prefix, roomBytes, canHold });
  const mode = statSync(path).mode & 0o777;
  rmSync(path, { recursive: true });
  return { path, mode };
}

test("a private directory lies where somebody wants temporary files, then in memory with room, then on a disk", async () => {
  await using base = await temporaryDirectory();
  const [TMPDIR, XDG_RUNTIME_DIR] = [`${base.path}/wanted`, `${base.path}/session`];
  for (const place of [TMPDIR, XDG_RUNTIME_DIR]) mkdirSync(place);
  const more = Number.MAX_SAFE_INTEGER; // than any memory has
  expect(make({ TMPDIR, XDG_RUNTIME_DIR }, { roomBytes: more }).path).toStartWith(`${TMPDIR}/`);
  expect(make({ XDG_RUNTIME_DIR }).path).toStartWith(`${XDG_RUNTIME_DIR}/`);
  const onDisk = make({ XDG_RUNTIME_DIR }, { roomBytes: more }).path;
  expect(onDisk).toMatch(/^(\/var)?\/tmp\/vt-test-private-/);
  const isOurs = (place: string): boolean => place === XDG_RUNTIME_DIR;
  const last = make({ XDG_RUNTIME_DIR }, { roomBytes: more, canHold: isOurs }).path;
  expect(last).toStartWith(`${XDG_RUNTIME_DIR}/`);
});

test("a private directory is its owner's alone, has no link in its path, and lies only where it can", async () => {
  await using base = await temporaryDirectory();
  mkdirSync(`${base.path}/real`);
  symlinkSync("real", `${base.path}/link`);
  const environment = { TMPDIR: `${base.path}/link`, XDG_RUNTIME_DIR: base.path };
  const { path, mode } = make(environment);
  expect(path).toStartWith(`${base.path}/real/${prefix}`);
  expect(mode).toBe(0o700);
  const canHold = (place: string): boolean => !place.endsWith("/real");
  expect(make(environment, { canHold }).path).toStartWith(`${base.path}/${prefix}`);
});
