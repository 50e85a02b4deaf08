// The workspace in steered/, whose scripts stop where a test wants to do something meanwhile.
import { existsSync, readdirSync } from "node:fs";
import { chmod, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { runVt, startVt, type VtResult } from "../harness/vt.ts";
import { waitFor } from "../harness/wait.ts";
import { copyWorkspace, type Workspace } from "../harness/workspace.ts";

/** The mark of a step that was taken from the cache. */
export const hit = "◉ cache hit, replaying";

export type Steered = Workspace & {
  /** Runs a task with vt. Does not wait for it to end. */
  readonly start: (task: string) => Promise<VtResult>;
  /** Starts vt with a task; the caller sees to its end. */
  readonly begin: (task: string, trace: string) => Bun.Subprocess;
  /** Runs a task with vt to its end, and expects the task to succeed. Returns what was printed. */
  readonly run: (task: string) => Promise<string>;
  /** Returns when `count` tasks have come to the point of that name. */
  readonly reach: (point: string, count?: number) => Promise<void>;
  /** Lets every task, now and later, go on from the point of that name. */
  readonly pass: (point: string) => Promise<void>;
  /** Lets no more task go on from the point of that name. */
  readonly hold: (point: string) => Promise<void>;
  /** A directory that is in `PATH`. */
  readonly tools: string;
  /** Puts there a program that prints `text`. */
  readonly writeTool: (name: string, text: string) => Promise<void>;
  /** What is in a file of the workspace, and undefined when there is none. */
  readonly read: (path: string) => Promise<string | undefined>;
};

/** A copy of the workspace, to be held with `await using`. */
export async function openSteered(): Promise<Steered> {
  const workspace = await copyWorkspace(join(import.meta.dir, "steered"));
  const signals = join(workspace.temporary, "signals");
  const tools = join(workspace.home, "bin");
  for (const directory of [signals, tools]) await mkdir(directory);
  const path = `${tools}:${process.env["PATH"]}`;
  const environment = { PATH: path, SIGNALS: signals, TOOLS: tools };
  const start = (task: string): Promise<VtResult> =>
    runVt(workspace, ["run", task], { environment });
  return {
    ...workspace,
    start,
    begin: (task, trace) =>
      startVt(workspace, ["run", task], { environment: { ...environment, VT_TRACE: trace } }),
    run: async (task) => {
      const { exitCode, text } = await start(task);
      if (exitCode !== 0) throw new Error(`exit ${exitCode}: ${text}`);
      return text;
    },
    reach: (point, count = 1) =>
      waitFor(`${count} to come to '${point}'`, () => {
        return readdirSync(signals).filter((name) => name.startsWith(`${point}.`)).length >= count;
      }),
    pass: (point) => writeFile(join(signals, `go-${point}`), ""),
    hold: (point) => rm(join(signals, `go-${point}`)),
    tools,
    writeTool: async (name, text) => {
      await writeFile(join(tools, name), `#!/bin/sh\necho ${text}\n`);
      await chmod(join(tools, name), 0o755);
    },
    read: async (name) => {
      const file = join(workspace.root, name);
      return existsSync(file) ? await readFile(file, "utf8") : undefined;
    },
  };
}
