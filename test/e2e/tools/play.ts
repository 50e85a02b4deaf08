import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Workspace } from "../../harness/workspace.ts";
import { compare, newPaths, type Picture, takePicture } from "./picture.ts";
import { type Run, run } from "./run.ts";
import type { Edit, Tool } from "./tool.ts";

export const columns = ["stored", "hit", "restored", "missed", "revert-hit"] as const;
export type Column = (typeof columns)[number];

/** What is wrong in each column; empty where all is well. */
export type Row = Readonly<Record<Column, readonly string[]>>;

/** Takes a tool through every column, in a workspace that was made for it. */
export async function play(tool: Tool, workspace: Workspace): Promise<Row> {
  const { root } = workspace;
  const { before = tool.edit.from, after = tool.edit.to, exitCode = 0 } = tool;
  const sources = takePicture(root);
  const first = await run(workspace);
  const second = await run(workspace);
  const made = newPaths(first.picture, sources);
  await remove(root, made);
  const restored = await run(workspace);
  await edit(root, tool.edit);
  const edited = await run(workspace);
  await edit(root, { ...tool.edit, from: tool.edit.to, to: tool.edit.from });
  const reverted = await run(workspace);
  return {
    stored: [
      ...ended(first, 0),
      ...first.skips,
      ...(made.join() === tool.makes.join() ? [] : [`made ${made.join(" and ")}`]),
      ...shown(resultOf(first, sources), { present: before, absent: after }),
    ],
    hit: hit(second, first),
    restored: hit(restored, first),
    missed: [
      ...ended(edited, exitCode),
      ...(exitCode === 0 ? edited.skips : []),
      ...missedFor(edited, tool.edit.path),
      ...shown(resultOf(edited, sources), { present: after, absent: before }),
    ],
    "revert-hit": hit(reverted, first),
  };
}

/** What is wrong with a run that should have been the replay of `first`, down to the last file. */
export function hit(again: Run, first: Run): readonly string[] {
  return [
    ...ended(again, first.exitCode),
    ...(again.isHit ? [] : ["no hit", ...again.misses, ...again.skips]),
    ...compare(again.picture, first.picture),
  ];
}

/** What is wrong with a run that should have run again because of `path`. */
function missedFor({ isHit, misses }: Run, path: string): readonly string[] {
  if (isHit) return ["a hit"];
  return misses.includes(`'${path}' modified`) ? [] : ["another reason", ...misses];
}

export async function edit(root: string, { path, from, to }: Edit): Promise<void> {
  const text = await readFile(join(root, path), "utf8");
  if (!text.includes(from)) throw new Error(`${path} has no ${from}`);
  await writeFile(join(root, path), text.replace(from, to));
}

export async function remove(root: string, paths: readonly string[]): Promise<void> {
  for (const path of paths) await rm(join(root, path), { recursive: true });
}

function ended({ exitCode, text }: Run, wanted: number): readonly string[] {
  return exitCode === wanted ? [] : [`exit ${exitCode}:\n${text}`];
}

/** The text of a run, and the contents of what is not a source. */
function resultOf({ text, picture }: Run, sources: Picture): string {
  const outputs = [...picture].flatMap(([path, content]) => (sources.has(path) ? [] : content));
  return [text, ...outputs].join("\n");
}

type Evidence = { readonly present: string; readonly absent: string };

function shown(result: string, { present, absent }: Evidence): readonly string[] {
  return [
    ...(result.includes(present) ? [] : [`the result does not say ${present}`]),
    ...(result.includes(absent) ? [`the result says ${absent}`] : []),
  ];
}
