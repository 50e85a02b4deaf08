// The C of `native/` for one processor, as files that `scripts/compile.ts` embeds.
import { copyFile, mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Compiler, findCompiler } from "./compiler.ts";
import { hostTarget, type Target } from "./targets.ts";

const root = join(import.meta.dir, "..");
const source = join(root, "native");
const build = join(root, "build/native");

/** So that it writes nowhere else. */
const zigCaches = {
  ZIG_GLOBAL_CACHE_DIR: join(root, "build/zig"),
  ZIG_LOCAL_CACHE_DIR: join(root, "build/zig"),
};

const warnings = [
  ...["-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Wconversion", "-Wstrict-prototypes"],
  ...["-Wmissing-prototypes", "-Wvla", "-Wundef", "-Wframe-larger-than=1024", "-Werror"],
];

/** No C library, no symbol versions: one file serves programs of every libc. */
const freestanding = [
  ...["-std=c17", "-O2", "-fPIC", "-shared", "-nostdlib", "-ffreestanding"],
  ...["-fvisibility=hidden", "-fno-stack-protector", "-fno-strict-aliasing"],
];

/**
 * Or the loops of memcpy and its kin would become calls of themselves. Every program of a step maps the file:
 * in as few pieces as the linker can be told to make.
 */
const perCompiler: Readonly<Record<Compiler["kind"], readonly string[]>> = {
  gcc: ["-fno-tree-loop-distribute-patterns", "-Wl,-z,noseparate-code"],
  clang: ["-fno-builtin"],
};

/** The file is also a program, and both libcs look names up in it. */
const linking = [
  ...["-Wl,-e,vt_entry", "-Wl,-Bsymbolic", "-Wl,--hash-style=both"],
  ...["-Wl,-z,noexecstack", "-Wl,-z,now", "-Wl,--build-id=none", "-s"],
  "-Wl,-z,norelro",
];

/** What the system calls of one processor need: see `native/arch.h`. */
const perArchitecture: Readonly<Record<Target["architecture"], readonly string[]>> = {
  x64: ["-mno-red-zone"],
  arm64: ["-mno-outline-atomics"],
};

/** Names of the files. */
export const nativeFiles = ["vt-native.so", "vt-client.so"] as const;

/**
 * Builds what vt for `target` embeds and returns the directory that holds it. One set of files serves
 * every libc of a processor. Throws with the compiler's messages.
 */
export async function buildNative(target: Target): Promise<string> {
  if (target.platform !== "linux") return await emptyNative();
  const directory = join(build, `linux-${target.architecture}`);
  await compileNative(target.architecture, directory);
  return directory;
}

/** A directory with the same files, empty: for a platform that `native/` is not for. */
export async function emptyNative(): Promise<string> {
  const directory = join(build, "none");
  await mkdir(directory, { recursive: true });
  for (const name of nativeFiles) await writeFile(join(directory, name), "");
  return directory;
}

/** As `buildNative`, for this machine; puts them also where vt looks when it runs from its sources. */
export async function buildHostNative(): Promise<string> {
  const directory = await buildNative(hostTarget());
  for (const name of nativeFiles) {
    await copyFile(join(directory, name), join(build, `${name}.new`));
    await rename(join(build, `${name}.new`), join(build, name));
  }
  return directory;
}

/** Compiles them into `directory`. */
export async function compileNative(
  architecture: Target["architecture"],
  directory: string,
): Promise<void> {
  await mkdir(directory, { recursive: true });
  const compiler = await findCompiler(architecture);
  const output = join(directory, "vt-native.so");
  const names = [...new Bun.Glob("*.c").scanSync(source)].sort((a, b) => (a < b ? -1 : 1));
  const files = names.map((name) => join(source, name));
  await compile(compiler, [
    ...[...freestanding, ...warnings, ...linking],
    ...perCompiler[compiler.kind],
    ...perArchitecture[architecture],
    ...["-o", `${output}.new`, ...files],
  ]);
  await rename(`${output}.new`, output); // Programs that have the old one mapped keep it.
  await buildAddon(compiler, directory);
}

/** What tools load: `native/client/addon.c`, which has nothing in common with the library. */
async function buildAddon(compiler: Compiler, directory: string): Promise<void> {
  const output = join(directory, "vt-client.so");
  const flags = ["-std=gnu17", "-O2", "-fPIC", "-shared", "-nostdlib", "-fvisibility=hidden"];
  const file = join(source, "client/addon.c");
  await compile(compiler, [
    ...flags,
    ...warnings,
    ...["-Wl,-z,noexecstack", "-Wl,--hash-style=both", "-Wl,--build-id=none", "-s"],
    ...["-o", `${output}.new`, file],
  ]);
  await rename(`${output}.new`, output);
}

async function compile({ command }: Compiler, args: readonly string[]): Promise<void> {
  const compiler = Bun.spawn([...command, ...args], {
    env: { ...process.env, ...zigCaches },
    stdio: ["ignore", "inherit", "inherit"],
  });
  if ((await compiler.exited) !== 0) throw new Error(`${command[0]} could not build native/`);
}

if (import.meta.main) await buildHostNative();
