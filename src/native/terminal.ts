import { readSync } from "node:fs";
import { nativeLibrary } from "./library.ts";
import { isTerminal } from "./pipe.ts";

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

export type Keyboard = Disposable & {
  /** The keys that came since the last call; waits for them a tenth of a second. Undefined when the terminal is gone. */
  readonly read: () => string | undefined;
};

/* `struct termios` of Linux: four words of flags, the line discipline, then the control characters. */
const inputFlags = { word: 0, cooked: 0x2 | 0x20 | 0x40 | 0x80 | 0x100 | 0x400 };
const localFlags = { word: 3, cooked: 0x1 | 0x2 | 0x8 | 0x8000 };
const readTimeout = 17 + 5;
const readMinimum = 17 + 6;

/**
 * Has the terminal at `fd` hand over each key as it is pressed, and show none, until the result is disposed of.
 * Nothing goes on reading after that: what is typed then is for whoever is run next.
 */
export function openKeyboard(fd: number): Keyboard {
  const restore = keepTerminalSettings(fd);
  const library = nativeLibrary();
  if (typeof library !== "string") {
    const settings = new Uint8Array(settingsBytes);
    const words = new Uint32Array(settings.buffer);
    const { vt_terminal_read, vt_terminal_write } = library.terminal();
    if (vt_terminal_read(fd, settings) === 0) {
      for (const { word, cooked } of [inputFlags, localFlags])
        words[word] = (words[word] ?? 0) & ~cooked;
      settings[readMinimum] = 0;
      settings[readTimeout] = 1;
      vt_terminal_write(fd, settings);
    }
  }
  const decoder = new TextDecoder();
  const bytes = new Uint8Array(1024);
  return {
    read: () => {
      try {
        const count = readSync(fd, bytes);
        if (count === 0 && !isTerminal(fd)) return undefined;
        return decoder.decode(bytes.subarray(0, count), { stream: true });
      } catch {
        return undefined; // It was closed.
      }
    },
    [Symbol.dispose]: restore,
  };
}
