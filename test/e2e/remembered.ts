// The workspace in remembered/, and how a run of any workspace is brought to be remembered.
import { expect } from "bun:test";
import { mkdir, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { VtResult } from "../harness/vt.ts";
import { copyWorkspace, type Workspace } from "../harness/workspace.ts";

/** Where the runs of a workspace are remembered. */
export const runs = "node_modules/.vt/v4/runs";

/** A copy of the workspace, to be held with `await using`. */
export async function openRemembered(): Promise<Workspace> {
  const workspace = await copyWorkspace(join(import.meta.dir, "remembered"));
  await mkdir(join(workspace.root, "packages/none"));
  return workspace;
}

const attemptsMax = 20;

/**
 * Runs until a run is remembered, and returns what it prints then. One that is worked out puts another record
 * in the place of the one before. Other runs that are remembered are forgotten unless they are to be `kept`.
 */
export async function untilRemembered(
  workspace: Workspace,
  run: () => Promise<VtResult>,
  others: "forgotten" | "kept" = "forgotten",
): Promise<string> {
  if (others === "forgotten")
    await rm(join(workspace.root, runs), { recursive: true, force: true });
  for (let attempt = 1; attempt <= attemptsMax; attempt += 1) {
    const before = await listRuns(workspace);
    const { exitCode, text } = await run();
    expect({ exitCode, text }).toEqual({ exitCode: 0, text });
    const after = await listRuns(workspace);
    if (after !== "" && before === after) return text;
  }
  throw new Error("no run was remembered");
}

/** Runs until what is remembered is no longer `before`; right after a change it may be too young for that. */
export async function untilReplaced(
  workspace: Workspace,
  run: () => Promise<VtResult>,
  before: string,
): Promise<void> {
  for (let attempt = 1; (await listRuns(workspace)) === before; attempt += 1) {
    if (attempt > attemptsMax) throw new Error("what had been remembered was used");
    const { exitCode, text } = await run();
    expect({ exitCode, text }).toEqual({ exitCode: 0, text });
  }
}

/** The records that there are: another one in the same place is another one. */
export async function listRuns({ root }: Workspace): Promise<string> {
  const directory = join(root, runs);
  const names = await readdir(directory).catch(() => []);
  const inodes = await Promise.all(
    names.map(async (name) => (await stat(join(directory, name))).ino),
  );
  return inodes.toSorted((a, b) => a - b).join(" ");
}

/** The path of the only record that there is. */
export async function recordOf({ root }: Workspace): Promise<string> {
  const [name = ""] = await readdir(join(root, runs));
  return join(root, runs, name);
}
