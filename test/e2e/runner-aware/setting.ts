import { mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { installPackages } from "../../harness/install-packages.ts";
import { runVt, type VtOptions } from "../../harness/vt.ts";
import { copyWorkspace, type Workspace } from "../../harness/workspace.ts";

/** Paths of files, and what is in them: text, or what is written as JSON. */
export type Files = Readonly<Record<string, unknown>>;

/** A workspace in which the client, Vite, Deno and Node 22 are installed. To be held with `await using`. */
export async function openWorkspace(files: Files): Promise<Workspace> {
  const workspace = await copyWorkspace(join(import.meta.dir, "workspace"));
  const install = await mkdtemp(join(await realpath(tmpdir()), "install-"));
  try {
    await installPackages(join(import.meta.dir, "install"), install);
    await command(["cp", "-al", join(install, "node_modules"), workspace.root], install);
  } finally {
    await rm(install, { recursive: true });
  }
  await writeFiles(workspace, files);
  return workspace;
}

export async function writeFiles(workspace: Workspace, files: Files): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    const target = join(workspace.root, path);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, typeof content === "string" ? content : JSON.stringify(content));
  }
}

/** One run of a task, as the full summary tells it. */
export type Run = {
  readonly exitCode: number;
  /** "hit", or why not; "" when there was no reason to give. */
  readonly status: string;
  /** Why the result was not stored; undefined when it was. */
  readonly notStored: string | undefined;
  /** What its tools declared. */
  readonly tools: readonly string[];
  /** What the task printed. */
  readonly output: readonly string[];
  readonly text: string;
};

/** Runs one task, or one of several packages by its name as `pkg#task`. */
export async function runTask(
  workspace: Workspace,
  task: string,
  environment: VtOptions["environment"] = {},
  under: readonly string[] = [],
): Promise<Run> {
  const path = [dirname(process.execPath), process.env["PATH"]].join(delimiter);
  const { exitCode, text } = await runVt(workspace, ["run", "-v", task], {
    environment: { PATH: path, ...environment },
    under,
  });
  const lines = text.split("\n").map((line) => line.trim());
  const after = (start: string): string[] =>
    lines.filter((line) => line.startsWith(start)).map((line) => line.slice(start.length));
  const [missed = ""] = after("→ Cache miss: ");
  const isHit = lines.some((line) => line.startsWith("→ Cache hit"));
  const end = lines.findIndex((line) => line.startsWith("━━━"));
  return {
    exitCode,
    status: isHit ? "hit" : missed === "no previous cache entry found" ? "" : missed,
    notStored: after("→ Not cached: ")[0],
    tools: after("→ Tool: "),
    output: lines.slice(1, end).filter((line) => line !== ""),
    text,
  };
}

async function command(words: string[], cwd: string): Promise<void> {
  const child = Bun.spawn(words, { cwd, stdio: ["ignore", "inherit", "inherit"] });
  if ((await child.exited) !== 0) throw new Error(`${words.join(" ")} failed`);
}
