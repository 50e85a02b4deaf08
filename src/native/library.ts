import { dlopen, type Pointer, toArrayBuffer } from "bun:ffi";
// Built by scripts/native.ts for this machine. scripts/compile.ts embeds that of the target, which is
// empty where there is none: then callers do without, each in its own way.
import embedded from "../../build/native/vt-native.so" with { type: "file" };
import type { Environment } from "../base/host.ts";
import { once } from "../base/once.ts";
import type { AbsolutePath } from "../base/path.ts";

/*
 * With this file the native library can be loaded where it was loaded before. What it takes to put it there
 * is imported when it is not, and nothing else here imports `node:fs` or `node:path`: they take longer to
 * load than a remembered run lasts (`cli/recall.ts`).
 */

/** What every run needs. Each function is described where it is written, in `native/api.c`. */
const basics = {
  vt_abi: { args: [], returns: "u32" },
  vt_verify: { args: ["buffer", "buffer", "buffer", "u32", "u32"], returns: "i32" },
  vt_read_batch: { args: ["buffer", "u32", "buffer", "buffer", "u64"], returns: "void" },
  vt_stat_batch: { args: ["buffer", "u32", "buffer"], returns: "void" },
  vt_pipe: { args: ["buffer"], returns: "i32" },
  vt_is_terminal: { args: ["i32"], returns: "i32" },
  vt_write: { args: ["i32", "buffer", "u64"], returns: "u64" },
  vt_replace_file: { args: ["buffer", "buffer", "buffer", "u64"], returns: "i32" },
  vt_traced: { args: [], returns: "i32" },
} as const;

/** What puts many files away, and what brings them back. */
const files = {
  vt_make_files: { args: ["buffer", "buffer", "buffer", "u32", "buffer"], returns: "u32" },
  vt_read_files: { args: ["buffer", "buffer", "u32", "buffer", "buffer"], returns: "u32" },
  vt_check_headers: { args: ["buffer", "buffer", "buffer", "u32"], returns: "u32" },
  vt_write_headers: { args: ["buffer", "buffer", "buffer", "u32"], returns: "void" },
  vt_move_directory: { args: ["buffer", "buffer", "buffer"], returns: "i32" },
} as const;

/** What look-ups need. */
const conditions = {
  vt_find_conditions: { args: ["buffer", "u32", "u32", "buffer", "buffer"], returns: "i32" },
  vt_check_conditions: {
    args: ["buffer", "buffer", "buffer", "buffer", "u32", "u32", "f64"],
    returns: "i32",
  },
  vt_list_conditions: {
    args: ["buffer", "buffer", "buffer", "u32", "f64", "buffer", "buffer", "buffer"],
    returns: "i32",
  },
  vt_prove_conditions: { args: ["buffer", "buffer", "u32", "f64"], returns: "void" },
} as const;

/** What only a person at a terminal needs. */
const terminal = {
  vt_terminal_size: { args: ["i32", "buffer"], returns: "i32" },
  vt_terminal_read: { args: ["i32", "buffer"], returns: "i32" },
  vt_terminal_write: { args: ["i32", "buffer"], returns: "i32" },
} as const;

/** What only runs need that start something; each symbol takes time to bind. */
const guarding = {
  vt_guard_tree: { args: ["buffer", "i32", "i32", "i32"], returns: "i32" },
  vt_adopt_orphans: { args: [], returns: "i32" },
  vt_forget_tree: { args: ["i32"], returns: "void" },
  vt_guard_directory: { args: ["buffer", "buffer"], returns: "i32" },
  vt_forget_directory: { args: ["buffer"], returns: "void" },
  vt_is_readable: { args: ["i32"], returns: "i32" },
} as const;

/** What only traced runs need. */
const tracing = {
  vt_filter_check: { args: [], returns: "i32" },
  vt_outer_channels: { args: [], returns: "cstring" },
  vt_channel_make: { args: ["buffer", "buffer", "u64"], returns: "i32" },
  vt_step_open: { args: ["buffer", "buffer", "buffer", "buffer"], returns: "i32" },
  vt_step_extent: { args: ["ptr", "buffer"], returns: "void" },
  vt_step_counters: { args: ["ptr", "buffer"], returns: "void" },
  vt_step_execute: { args: ["ptr", "buffer", "buffer"], returns: "i32" },
  vt_step_close: { args: ["ptr"], returns: "void" },
} as const;

const abi = 6;

type Basics = ReturnType<typeof dlopen<typeof basics>>["symbols"];
type FileCalls = ReturnType<typeof dlopen<typeof files>>["symbols"];
type ConditionCalls = ReturnType<typeof dlopen<typeof conditions>>["symbols"];
type TerminalCalls = ReturnType<typeof dlopen<typeof terminal>>["symbols"];
type GuardingCalls = ReturnType<typeof dlopen<typeof guarding>>["symbols"];
type TracingCalls = ReturnType<typeof dlopen<typeof tracing>>["symbols"];

/** The native library, loaded into this process. */
export type NativeLibrary = {
  /** A file that other programs can preload and run. */
  readonly path: AbsolutePath;
  readonly calls: Basics;
  /** Bound when they are first asked for. */
  readonly files: () => FileCalls;
  readonly conditions: () => ConditionCalls;
  readonly terminal: () => TerminalCalls;
  readonly guarding: () => GuardingCalls;
  readonly tracing: () => TracingCalls;
};

/** An address in this process. */
export type NativePointer = Pointer;

/** A copy of `length` bytes that lie at `address`. */
export function copyMemory(address: number, length: number): Buffer {
  if (length === 0) return Buffer.alloc(0);
  return Buffer.from(Buffer.from(toArrayBuffer(address as Pointer, 0, length)));
}

let placing: Environment = {};
let loaded: NativeLibrary | string | undefined;

/** Says whose directories the library may be put into; to be called before it is first asked for. */
export function placeLibraryFor(environment: Environment): void {
  placing = environment;
}

/** The library, loaded when it is first asked for. A text says why there is none. */
export function nativeLibrary(): NativeLibrary | string {
  loaded ??= open(placing);
  return loaded;
}

function open(environment: Environment): NativeLibrary | string {
  const reasons: string[] = [];
  for (const path of placesOf(environment)) {
    try {
      const { symbols } = dlopen(path, basics);
      if (symbols.vt_abi() !== abi) throw new Error("it is of another version");
      return {
        path,
        calls: symbols,
        files: once(() => dlopen(path, files).symbols),
        conditions: once(() => dlopen(path, conditions).symbols),
        terminal: once(() => dlopen(path, terminal).symbols),
        guarding: once(() => dlopen(path, guarding).symbols),
        tracing: once(() => dlopen(path, tracing).symbols),
      };
    } catch (error) {
      reasons.push(`${path}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  if (reasons.length > 0) return `the tracer cannot be loaded from ${reasons.join("; ")}`;
  return Bun.file(embedded).size === 0
    ? "vt has no tracer for this system yet"
    : "there is no directory for the tracer that nobody else can write to: set TMPDIR to one";
}

/** Where the library lies as a file, or can be put, best place first. */
function* placesOf(environment: Environment): Generator<AbsolutePath> {
  const usual = usualPlace(environment);
  if (usual !== undefined && isOwnFile(usual, Bun.file(embedded).size)) yield usual;
  const { placeLibrary }: typeof import("./place-library.ts") = require("./place-library.ts");
  yield* placeLibrary(embedded as AbsolutePath, environment);
}

/** The first place of `placeLibrary`, where that can be told without knowing anything of paths. */
function usualPlace({ XDG_CACHE_HOME, HOME }: Environment): AbsolutePath | undefined {
  const parent = XDG_CACHE_HOME ? `${XDG_CACHE_HOME}/vt` : `${HOME}/.cache/vt`;
  const path = `${parent}/native/${embedded.slice(embedded.lastIndexOf("/") + 1)}`;
  const isPlain = /^(?:\/[\w@+-][\w.@+-]*|\/\.[\w@+-]+)+$/.test(path);
  return embedded.startsWith("/$bunfs/") && isPlain ? (path as AbsolutePath) : undefined;
}

/** What `isInPlace` of `own-file.ts` asks, of the C library that this process has anyway. */
function isOwnFile(path: AbsolutePath, size: number): boolean {
  const status = Buffer.alloc(256);
  try {
    const { symbols } = dlopen("libc.so.6", statx);
    const result = symbols.statx(
      currentDirectory,
      Buffer.from(`${path}\0`),
      noFollow,
      0x7ff,
      status,
    );
    if (result !== 0) return false;
  } catch {
    return false; // Another system, or one from before 2018.
  }
  const isPrivateFile = (status.readUInt16LE(28) & 0o170022) === 0o100000;
  const isOwn = status.readUInt32LE(20) === process.getuid?.();
  return isPrivateFile && isOwn && Number(status.readBigUInt64LE(40)) === size;
}

/** Its structure is the same on every processor, unlike that of `stat`. */
const statx = {
  statx: { args: ["i32", "buffer", "i32", "u32", "buffer"], returns: "i32" },
} as const;
const currentDirectory = -100; // AT_FDCWD
const noFollow = 0x100; // AT_SYMLINK_NOFOLLOW
