// vt in a real terminal: a pseudo-terminal of the kernel, with an emulator behind it that knows what a
// person would see.
import { join } from "node:path";
import { Terminal as Emulator } from "@xterm/headless";
import { patience, type VtOptions, vtPath } from "./vt.ts";
import type { Workspace } from "./workspace.ts";

export type TerminalOptions = VtOptions & {
  readonly columns?: number;
  readonly rows?: number;
};

export type VtTerminal = AsyncDisposable & {
  readonly process: Bun.Subprocess;
  /** What a person sees now, lines that have scrolled away included; without empty lines at the end. */
  readonly screen: () => readonly string[];
  /** Everything that was written, escape sequences included. */
  readonly written: () => string;
  /** Returns when the screen is so. Throws, showing it, after half a minute, or when vt has ended. */
  readonly until: (what: string, isMet: (screen: string) => boolean) => Promise<void>;
  readonly type: (keys: string) => void;
  readonly resize: (columns: number, rows: number) => void;
  /** Closes the window. */
  readonly close: () => void;
  /** Where the cursor stands: column, and line of `screen`. */
  readonly cursor: () => { readonly column: number; readonly line: number };
  /** Waits for vt to end and for its last text to be seen, and returns its exit code. */
  readonly ended: () => Promise<number>;
};

/** Starts vt, or `under` it another program, in a terminal. To be held with `await using`. */
export function openTerminal(
  workspace: Workspace,
  args: readonly string[],
  { cwd = "", environment = {}, under = [], columns = 80, rows = 24 }: TerminalOptions = {},
): VtTerminal {
  const emulator = new Emulator({
    cols: columns,
    rows,
    scrollback: 10_000,
    allowProposedApi: true,
  });
  const parts: Uint8Array[] = [];
  let changed = Promise.withResolvers<void>();
  let unseen = 0;
  const allRead = Promise.withResolvers<void>();
  const see = (bytes: Uint8Array): void => {
    parts.push(bytes.slice());
    unseen += 1;
    emulator.write(bytes.slice(), () => {
      unseen -= 1;
      changed.resolve();
      changed = Promise.withResolvers();
    });
  };
  const child = Bun.spawn({
    cmd: [...under, vtPath, ...args],
    cwd: join(workspace.root, cwd),
    env: {
      PATH: process.env["PATH"],
      HOME: workspace.home,
      TMPDIR: workspace.temporary,
      TERM: "xterm-256color",
      ...environment,
    },
    terminal: {
      cols: columns,
      rows,
      data: (_terminal, bytes) => see(bytes),
      exit: () => allRead.resolve(),
    },
  });
  // What asks the terminal something gets the answer that the emulator gives.
  emulator.onData((answer) => child.terminal?.write(answer));
  const screen = (): readonly string[] => linesOf(emulator);
  const until: VtTerminal["until"] = async (what, isMet) => {
    const deadline = performance.now() + 30_000;
    while (!isMet(screen().join("\n"))) {
      if (performance.now() > deadline)
        throw new Error(`waited in vain for ${what}:\n${screen().join("\n")}`);
      await Promise.race([changed.promise, Bun.sleep(50)]);
    }
  };
  const timeout = setTimeout(() => child.kill("SIGKILL"), patience);
  return {
    process: child,
    screen,
    written: () => Buffer.concat(parts).toString("latin1"),
    until,
    type: (keys) => child.terminal?.write(keys),
    resize: (newColumns, newRows) => {
      emulator.resize(newColumns, newRows);
      child.terminal?.resize(newColumns, newRows);
    },
    close: () => child.terminal?.close(),
    cursor: () => {
      const { cursorX, cursorY, baseY } = emulator.buffer.active;
      return { column: cursorX, line: cursorY + baseY };
    },
    ended: async () => {
      const exitCode = await child.exited;
      // The last text may still be on its way; what vt left behind would keep the terminal open for ever.
      await Promise.race([allRead.promise, Bun.sleep(2000)]);
      while (unseen > 0) await changed.promise;
      return exitCode;
    },
    [Symbol.asyncDispose]: async () => {
      clearTimeout(timeout);
      child.kill("SIGKILL");
      await child.exited;
      child.terminal?.close();
      emulator.dispose();
    },
  };
}

function linesOf({ buffer: { active }, cols }: Emulator): readonly string[] {
  const lines = Array.from(
    { length: active.length },
    (_, index) => active.getLine(index)?.translateToString(true, 0, cols) ?? "",
  );
  while (lines.at(-1) === "") lines.pop();
  return lines;
}
