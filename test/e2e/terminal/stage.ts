// The workspace in workspace/, whose tasks wait where a test wants to look at the terminal.
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
};

export async function openStage(): Promise<Stage> {
  const workspace = await copyWorkspace(join(import.meta.dir, "workspace"));
  const hold = join(workspace.temporary, "hold");
  await mkdir(hold);
  return {
    ...workspace,
    open: (args, options = {}) => {
      const environment = { HOLD: hold, ...options.environment };
      return openTerminal(workspace, args, { ...options, environment });
    },
    pass: (name) => writeFile(join(hold, `go-${name}`), ""),
    read: (name) => readFile(join(hold, name), "utf8"),
  };
}
