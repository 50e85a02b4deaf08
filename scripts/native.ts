// The C library of `native/` for one target, where `src/native/library.ts` embeds it from.
import { copyFile, mkdir, rename } from "node:fs/promises";
import { join } from "node:path";
import { hostTarget, type Target } from "./targets.ts";

const root = join(import.meta.dir, "..");
const source = join(root, "native");
const build = join(root, "build/native");

const warnings = [
  ...["-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Wconversion", "-Wstrict-prototypes"],
  ...["-Wmissing-prototypes", "-Wvla", "-Wundef", "-Wframe-larger-than=1024", "-Werror"],
];

/** No C library, no symbol versions: one file serves programs of every libc. */
const freestanding = [
  ...["-std=c17", "-O2", "-fPIC", "-shared", "-nostdlib", "-ffreestanding"],
  ...["-fvisibility=hidden", "-fno-stack-protector", "-fno-strict-aliasing"],
  // Or the loops of memcpy and its kin would become calls of themselves.
  "-fno-tree-loop-distribute-patterns",
];

/** The file is also a program, and both libcs look names up in it. */
const linking = [
  ...["-Wl,-e,vt_entry", "-Wl,-Bsymbolic", "-Wl,--hash-style=both"],
  ...["-Wl,-z,noexecstack", "-Wl,-z,now", "-Wl,--build-id=none", "-s"],
];

/** What the system calls of one processor need: see `native/arch.h`. */
const perArchitecture: Readonly<Partial<Record<NodeJS.Architecture, readonly string[]>>> = {
  x64: ["-mno-red-zone"],
  arm64: ["-mno-outline-atomics"],
};

/** Compiles the libraries for `target` and embeds them. Throws with the compiler's messages. */
export async function buildNative(target: Target): Promise<void> {
  const directory = join(build, target.name);
  await compileNative(target, directory);
  for (const name of ["vt-native.so", "vt-client.so"]) {
    await copyFile(join(directory, name), join(build, `${name}.new`));
    await rename(join(build, `${name}.new`), join(build, name));
  }
}

/** Compiles them into `directory`. */
export async function compileNative(target: Target, directory: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  const output = join(directory, "vt-native.so");
  const names = [...new Bun.Glob("*.c").scanSync(source)].sort((a, b) => (a < b ? -1 : 1));
  const files = names.map((name) => join(source, name));
  const flags = [...freestanding, ...warnings, ...linking];
  await compile([
    target.compiler,
    ...flags,
    ...(perArchitecture[target.architecture] ?? []),
    ...["-o", `${output}.new`, ...files],
  ]);
  await rename(`${output}.new`, output); // Programs that have the old one mapped keep it.
  await buildAddon(target, directory);
}

/** What tools load: `native/client/addon.c`, which has nothing in common with the library. */
async function buildAddon(target: Target, directory: string): Promise<void> {
  const output = join(directory, "vt-client.so");
  const flags = ["-std=gnu17", "-O2", "-fPIC", "-shared", "-nostdlib", "-fvisibility=hidden"];
  const file = join(source, "client/addon.c");
  await compile([
    target.compiler,
    ...flags,
    ...warnings,
    ...["-Wl,-z,noexecstack", "-Wl,--hash-style=both", "-Wl,--build-id=none", "-s"],
    ...["-o", `${output}.new`, file],
  ]);
  await rename(`${output}.new`, output);
}

async function compile(command: readonly string[]): Promise<void> {
  const compiler = Bun.spawn([...command], { stdio: ["ignore", "inherit", "inherit"] });
  if ((await compiler.exited) !== 0) throw new Error(`${command[0]} could not build native/`);
}

if (import.meta.main) await buildNative(hostTarget());
