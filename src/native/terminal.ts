import { nativeLibrary } from "./library.ts";

export type TerminalSize = { readonly rows: number; readonly columns: number };

/** The size of the terminal at `fd`, now; undefined where it has none to tell. */
export function terminalSize(fd: number): TerminalSize | undefined {
  const library = nativeLibrary();
  if (typeof library === "string") return undefined;
  const size = new Uint16Array(4);
  if (library.terminal().vt_terminal_size(fd, size) !== 0) return undefined;
  const [rows = 0, columns = 0] = size;
  return rows > 0 && columns > 0 ? { rows, columns } : undefined;
}

/** The kernel's `struct termios` is shorter. */
const settingsBytes = 64;

/**
 * Takes note of how the terminal at `fd` treats keys and text. The result puts that back, also where a
 * program changed it and was killed; it does nothing once others have the terminal.
 */
export function keepTerminalSettings(fd: number): () => void {
  const library = nativeLibrary();
  if (typeof library === "string") return () => undefined;
  const { vt_terminal_read, vt_terminal_write } = library.terminal();
  const settings = new Uint8Array(settingsBytes);
  if (vt_terminal_read(fd, settings) !== 0) return () => undefined;
  return () => void vt_terminal_write(fd, settings);
}
