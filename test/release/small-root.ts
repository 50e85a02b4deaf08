import { existsSync } from "node:fs";
import { chmod, copyFile, cp, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { crossCompiler } from "../../scripts/compiler.ts";
import { foreignRoot } from "../../scripts/foreign.ts";
import { executableFor } from "../../scripts/release.ts";
import { type Target, targetNamed } from "../../scripts/targets.ts";
import { unshare } from "../harness/abilities.ts";
import { temporaryDirectory } from "../harness/temporary-directory.ts";
import { patience, type VtResult } from "../harness/vt.ts";

/** A root directory with nothing in it but a libc, busybox, vt, and a workspace in `/workspace`. */
export type SmallRoot = AsyncDisposable & {
  readonly path: string;
  /** Runs vt there, in the workspace. */
  readonly vt: (...args: readonly string[]) => Promise<VtResult>;
};

const applets = ["sh", "cat", "cp", "rm"];

/**
 * The root of a system that an executable is for; it is run there by its emulator where it has to be.
 * `system` names what is there of `/dev` and `/proc`.
 */
export async function openSmallRoot(name: string, system = "dev proc"): Promise<SmallRoot> {
  const target = targetNamed(name);
  const directory = await temporaryDirectory();
  const { path } = directory;
  for (const empty of ["dev", "proc", "tmp", "bin", "lib", "workspace"])
    await mkdir(join(path, empty), { recursive: true });
  const foreign = foreignRoot(target.architecture);
  for (const applet of applets)
    await copyFile(join(foreign, "bin/busybox"), join(path, "bin", applet));
  await (target.libc === "musl" ? cp(foreign, path, copying) : copyGlibc(target, path));
  await cp(join(import.meta.dir, "workspace"), join(path, "workspace"), { recursive: true });
  await writeFile(join(path, "bin/vt"), ""); // What vt is mounted on.
  return {
    path,
    vt: (...args) => run({ target, root: path, system }, args),
    [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
  };
}

const copying = { recursive: true, verbatimSymlinks: true };

/** Together with a program that is linked against it. */
async function copyGlibc({ architecture }: Target, root: string): Promise<void> {
  const from = "/usr/aarch64-linux-gnu/lib";
  for (const name of [
    "ld-linux-aarch64.so.1",
    ...["c.so.6", "m.so.6", "dl.so.2", "pthread.so.0"].map((end) => `lib${end}`),
  ])
    await copyFile(join(from, name), join(root, "lib", name));
  const source = join(root, "copy.c");
  await writeFile(source, copyProgram);
  const compiler = Bun.spawn([crossCompiler(architecture), source, "-o", join(root, "bin/copy")]);
  if ((await compiler.exited) !== 0) throw new Error("the program could not be compiled");
  await chmod(join(root, "bin/copy"), 0o755);
}

const copyProgram = `
#include <stdio.h>
int main(int count, char **names) {
  FILE *source = fopen(names[1], "r"), *target = fopen(names[2], "w");
  for (int byte = fgetc(source); byte != EOF; byte = fgetc(source)) fputc(byte, target);
  return puts("copied") < 0 || fclose(target) || count != 3;
}`;

type Place = { readonly target: Target; readonly root: string; readonly system: string };

async function run({ target, root, system }: Place, args: readonly string[]): Promise<VtResult> {
  if (!existsSync(executableFor(target)))
    throw new Error(`npm run release -- --target=${target.name} builds what is to be tested`);
  const emulator = target.architecture === process.arch ? "" : Bun.which("qemu-aarch64-static");
  const script = join(import.meta.dir, "enter.sh");
  const command = ["/bin/sh", "-c", 'cd /workspace && exec vt "$@" 2>&1', "vt", ...args];
  const child = Bun.spawn(
    [
      ...unshare,
      "-r",
      "sh",
      script,
      root,
      executableFor(target),
      emulator ?? "",
      system,
      ...command,
    ],
    {
      env: { PATH: `${process.env["PATH"]}:/bin`, HOME: "/home" },
      stdio: ["ignore", "pipe", "inherit"],
      timeout: patience,
      killSignal: "SIGKILL",
    },
  );
  const text = await new Response(child.stdout).text();
  return { exitCode: await child.exited, text };
}
