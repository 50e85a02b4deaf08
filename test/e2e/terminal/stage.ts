// The workspace in workspace/, whose tasks wait where a test wants to look at the terminal.
import { expect } from "bun:test";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { openTerminal, type TerminalOptions, type VtTerminal } from "../../harness/pty.ts";
import { copyWorkspace, type Workspace } from "../../harness/workspace.ts";

export type Stage = Workspace & {
  /** Starts vt in a terminal. To be held with `await using`. */
  readonly open: (args: readonly string[], options?: TerminalOptions) => VtTerminal;
  /** Lets the task of this name go on, now or later. */
  readonly pass: (name: string) => Promise<void>;
  /** What a program has written to the file of this name in `$HOLD`. */
  readonly read: (name: string) => Promise<string>;
  /** What the tasks need in theirs. */
  readonly environment: Readonly<Record<string, string>>;
};

/**
 * A shell around vt that says how the terminal is set before and after it, and what it exits with. Without
 * `noflsh` Ctrl-C throws text away that nobody has seen yet.
 */
export const inShell: readonly string[] = [
  ...["sh", "-c"],
  'trap : INT; stty noflsh; stty -g | cksum; "$@"; code=$?; trap "" INT; echo "exit $code"; stty -g | cksum',
  "sh",
];

/** Expects the terminal to be as it was, and in between these lines if they are given. */
export function expectTidy(vt: VtTerminal, ...between: readonly string[]): void {
  const lines = vt.screen();
  // Where a key was pressed late, its echo stands in front.
  const settings = lines.join("\n").match(/\d{6,} \d+/g) ?? [];
  if (settings.length !== 2) throw new Error(`two settings are expected in:\n${lines.join("\n")}`);
  expect(settings[1]).toBe(settings[0]);
  for (const line of between) expect(lines).toContain(line);
  expect(vt.written().lastIndexOf("\x1b[?25h")).toBeGreaterThanOrEqual(
    vt.written().lastIndexOf("\x1b[?25l"),
  );
}

export async function openStage(): Promise<Stage> {
  const workspace = await copyWorkspace(join(import.meta.dir, "workspace"));
  const hold = join(workspace.temporary, "hold");
  await mkdir(hold);
  return {
    ...workspace,
    environment: { HOLD: hold },
    open: (args, options = {}) => {
      const environment = { HOLD: hold, ...options.environment };
      return openTerminal(workspace, args, { ...options, environment });
    },
    pass: (name) => writeFile(join(hold, `go-${name}`), ""),
    read: (name) => readFile(join(hold, name), "utf8"),
  };
}
