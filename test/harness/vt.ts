import { existsSync } from "node:fs";
import { mkdtemp, open, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Workspace } from "./workspace.ts";

/** The compiled program: what is tested is what is shipped. */
export const vtPath = join(import.meta.dir, "../../dist/vt");

export type VtOptions = {
  /** Relative to the workspace's root. */
  readonly cwd?: string;
  /** On top of `PATH`, `HOME` and `TMPDIR`, which is all that is set. */
  readonly environment?: Readonly<Record<string, string>>;
  /** A program and its arguments that start vt in their turn. */
  readonly under?: readonly string[];
  /** Another executable than `dist/vt`. */
  readonly program?: string;
};

export type VtResult = {
  readonly exitCode: number;
  /** Both streams, in the order in which they were written. */
  readonly text: string;
};

export type VtStreams = {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
};

/** A run may take this long, in milliseconds, on a slow machine under load. */
export const patience = 120_000;

/** Runs vt to its end, both its streams going into one file. */
export async function runVt(
  workspace: Workspace,
  args: readonly string[],
  options: VtOptions = {},
): Promise<VtResult> {
  const directory = await mkdtemp(join(workspace.temporary, "text-"));
  const path = join(directory, "text");
  const file = await open(path, "ax");
  const exitCode = await startVt(workspace, args, options, ["ignore", file.fd, file.fd]).exited;
  await file.close();
  const text = await readFile(path, "utf8");
  await rm(directory, { recursive: true });
  return { exitCode, text };
}

/** Runs vt to its end, its streams kept apart. */
export async function runVtApart(
  workspace: Workspace,
  args: readonly string[],
  options: VtOptions = {},
): Promise<VtStreams> {
  const child = startVt(workspace, args, options, ["ignore", "pipe", "pipe"]);
  const [stdout, stderr, exitCode] = await Promise.all([
    new Response(child.stdout as ReadableStream).text(),
    new Response(child.stderr as ReadableStream).text(),
    child.exited,
  ]);
  return { exitCode, stdout, stderr };
}

type Output = number | "pipe" | "ignore";
type Stdio = ["ignore", Output, Output];

/** Starts vt; the caller sees to its end. */
export function startVt(
  workspace: Workspace,
  args: readonly string[],
  { cwd = "", environment = {}, under = [], program = vtPath }: VtOptions,
  stdio: Stdio = ["ignore", "ignore", "ignore"],
): Bun.Subprocess {
  if (!existsSync(vtPath)) throw new Error("dist/vt is not there: npm run build makes it");
  return Bun.spawn([...under, program, ...args], {
    cwd: join(workspace.root, cwd),
    env: {
      PATH: process.env["PATH"],
      HOME: workspace.home,
      TMPDIR: workspace.temporary,
      ...environment,
    },
    stdio,
    timeout: patience,
    killSignal: "SIGKILL",
  });
}
