// The C compiler for one processor of Linux: that of this machine, a cross compiler of Debian, or zig,
// which comes from PyPI where there is none.
import { existsSync } from "node:fs";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Target } from "./targets.ts";

/** The beginning of its command line, and what understands the rest of it. */
export type Compiler = { readonly command: readonly string[]; readonly kind: "gcc" | "clang" };

type Processor = {
  /** As compilers name it. */
  readonly name: string;
  /** Where zig has the kernel's headers for it. */
  readonly headers: string;
};

const processors: Readonly<Record<Target["architecture"], Processor>> = {
  x64: { name: "x86_64", headers: "x86" },
  arm64: { name: "aarch64", headers: "aarch64" },
};

/** Debian's name for the cross compiler of a processor. */
export function crossCompiler(architecture: Target["architecture"]): string {
  return `${processors[architecture].name}-linux-gnu-gcc`;
}

/** Throws where there is none, and none can be had. */
export async function findCompiler(architecture: Target["architecture"]): Promise<Compiler> {
  if (process.platform === "linux" && process.arch === architecture && Bun.which("cc") !== null)
    return { command: ["cc"], kind: "gcc" };
  const cross = crossCompiler(architecture);
  if (Bun.which(cross) !== null) return { command: [cross], kind: "gcc" };
  return zigFor(processors[architecture], Bun.which("zig") ?? (await installZig()));
}

/** The headers are named one by one, since without a C library zig gives none. */
function zigFor({ name, headers }: Processor, zig: string): Compiler {
  // Older ones print JSON, newer ones their own notation.
  const [, library = ""] = /\blib_dir"?\s*[:=]\s*"([^"]+)"/.exec(readText([zig, "env"])) ?? [];
  const places = [`${name}-linux-musl`, "generic-musl", `${headers}-linux-any`, "any-linux-any"];
  const includes = places.flatMap((place) => ["-isystem", join(library, "libc/include", place)]);
  const command = [zig, "cc", "-target", `${name}-linux-musl`, "-fno-sanitize=undefined"];
  return { command: [...command, ...includes], kind: "clang" };
}

const root = join(import.meta.dir, "..");

/** Older ones ignore that atomics are not to become calls. The digest is that of the wheel for Linux x64. */
const zigVersion = "0.17.1";
const zigDigest = "sha256:ea6cc5d87b033cf0aedfbc8f9549a908cae6c50ac31f1698188fa48a74524b54";

async function installZig(): Promise<string> {
  const directory = join(root, ".tools", `ziglang-${zigVersion}`);
  const zig = join(directory, "ziglang/zig");
  if (existsSync(zig)) return zig;
  console.error(`fetching ziglang ${zigVersion} from PyPI`);
  const aside = `${directory}.new`;
  await rm(aside, { recursive: true, force: true });
  await mkdir(aside, { recursive: true });
  const wanted = join(aside, "requirements.txt");
  await writeFile(wanted, `ziglang==${zigVersion} --hash=${zigDigest}\n`);
  const flags = ["--quiet", "--root-user-action=ignore", "--target", aside];
  readText(["python3", "-m", "pip", "install", ...flags, "--requirement", wanted]);
  await rename(aside, directory);
  return zig;
}

function readText(command: string[]): string {
  const { exitCode, stdout } = Bun.spawnSync(command, { stdio: ["ignore", "pipe", "inherit"] });
  if (exitCode !== 0) throw new Error(`${command.join(" ")} ended with ${exitCode}`);
  return stdout.toString();
}
