// The workspace in settled/, and what can be changed in it that a hit must notice.
import { chmod, mkdir, rename, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { runVt, type VtResult } from "../harness/vt.ts";
import { copyWorkspace, type Workspace } from "../harness/workspace.ts";

/** The mark of a step that was taken from the cache. */
export const hit = "◉ cache hit, replaying";

/** One thing that a hit rests on, made otherwise. */
export type Change = {
  readonly what: string;
  readonly change: (at: (path: string) => string) => Promise<void>;
  /** What of the workspace shows afterwards that the change was seen. */
  readonly shows: string;
  readonly task?: string;
};

/** Each is seen by the task `make`, where no other is named. */
export const changes: readonly Change[] = [
  {
    what: "an input of other content and equal size",
    change: (at) => writeFile(at("source"), "ecruos\n"),
    shows: "ecruos\npart\n",
  },
  {
    what: "an input whose content changed and whose time was put back",
    change: async (at) => {
      const { atime, mtime } = await Bun.file(at("source")).stat();
      await writeFile(at("source"), "ecruos\n");
      await utimes(at("source"), atime, mtime);
    },
    shows: "ecruos\npart\n",
  },
  {
    what: "an input that is gone",
    change: (at) => rm(at("parts/a")),
    shows: "'a' removed from 'parts'",
  },
  {
    what: "a new file in a folder that was listed",
    change: (at) => writeFile(at("parts/b"), "more\n"),
    shows: "source\npart\nmore\n",
  },
  {
    what: "a file where there was none",
    change: (at) => writeFile(at("optional"), ""),
    shows: "optional\nsource\n",
  },
  {
    what: "a folder where there was none",
    change: (at) => mkdir(at("folder")).then(() => undefined),
    shows: "folder\nsource\n",
  },
  {
    what: "a program that was replaced",
    change: (at) => writeFile(at("../home/bin/tool"), "#!/bin/sh\necho new\n", { mode: 0o755 }),
    shows: "'tool' changed",
  },
  {
    what: "an earlier program of the same name in PATH",
    change: async (at) => {
      await mkdir(at("node_modules/.bin"), { recursive: true });
      await writeFile(at("node_modules/.bin/tool"), "#!/bin/sh\necho new\n", { mode: 0o755 });
    },
    shows: "miss",
  },
  {
    what: "an output that was edited",
    change: (at) => writeFile(at("made/deep/all"), "edited"),
    shows: "'made/deep/all' had been edited; restored",
  },
  {
    what: "an output of other permissions",
    change: (at) => chmod(at("made/deep/all"), 0o600),
    shows: "'made/deep/all' had been edited; restored",
  },
  {
    what: "a link in the place of a folder of outputs",
    change: async (at) => {
      await rename(at("made"), at("elsewhere"));
      await symlink("elsewhere", at("made"));
    },
    shows: "miss",
  },
  {
    what: "a declared input that was added",
    task: "declared",
    change: (at) => writeFile(at("declared/two"), ""),
    shows: "'two' added in 'declared'",
  },
  {
    what: "an input of the second of two steps",
    task: "both",
    change: (at) => writeFile(at("other"), "rehto\n"),
    shows: "rehto\n",
  },
];

/** A copy of it, to be held with `await using`. */
export async function openSettled(): Promise<Workspace> {
  const workspace = await copyWorkspace(join(import.meta.dir, "settled"));
  await mkdir(join(workspace.home, "bin"));
  await writeFile(join(workspace.home, "bin/tool"), "#!/bin/sh\necho old\n", { mode: 0o755 });
  return workspace;
}

/** Runs tasks in it. */
export function runSettled(workspace: Workspace, ...args: string[]): Promise<VtResult> {
  const PATH = `${join(workspace.home, "bin")}:${process.env["PATH"]}`;
  return runVt(workspace, ["run", ...args], { environment: { PATH } });
}
