import { fstatSync } from "node:fs";
import { nativeLibrary } from "./library.ts";

/** Both ends are closed in programs that are run, unless handed to them on purpose. */
export type Pipe = { readonly read: number; readonly write: number };

/**
 * A real pipe. What Bun gives a child for one is a socket, which a program cannot open again by name,
 * as `echo > /dev/stderr` does. Undefined where there is no native library. Throws when no more files can
 * be opened.
 */
export function openPipe(): Pipe | undefined {
  const library = nativeLibrary();
  if (typeof library === "string") return undefined;
  const ends = new Int32Array(2);
  const error = library.calls.vt_pipe(ends);
  if (error !== 0) throw new Error(`no pipe can be opened: error ${-error}`);
  const [read = -1, write = -1] = ends;
  return { read, write };
}

/** Whether there is something to be read at `fd`, or somebody to be let in. Yes where there is no native library to ask. */
export function isReadable(fd: number): boolean {
  const library = nativeLibrary();
  return typeof library === "string" || library.guarding().vt_is_readable(fd) === 1;
}

/** Whether `fd` is a terminal. Asks the library only about what could be one. */
export function isTerminal(fd: number): boolean {
  if (!isCharacterDevice(fd)) return false;
  const library = nativeLibrary();
  return typeof library !== "string" && library.calls.vt_is_terminal(fd) === 1;
}

function isCharacterDevice(fd: number): boolean {
  try {
    return fstatSync(fd).isCharacterDevice();
  } catch {
    return false; // It is closed.
  }
}
