import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { installPackages } from "../../harness/install-packages.ts";
import { runVt, type VtOptions, type VtResult } from "../../harness/vt.ts";
import { copyWorkspace, type Workspace } from "../../harness/workspace.ts";
import type { Files, Tool } from "./tool.ts";

/** What is installed: directories with a `package.json` and a `bun.lock`. */
export type Source = "install" | "install-more" | "install-slow";

/** Every tool of the table, installed once. To be held until the last workspace is gone. */
export type Installation = AsyncDisposable & {
  /** A workspace with nothing in it but `files`, one script, `"cache": true`, and the tools; `HOME` is empty. */
  readonly workspace: (needs: WorkspaceNeeds) => Promise<Workspace>;
};

type WorkspaceNeeds = Pick<Tool, "command" | "files" | "home">;

/** Installs what the `bun.lock` of a directory names, most of it from Bun's own cache. */
export async function installTools(source: Source = "install"): Promise<Installation> {
  const base = await mkdtemp(join(await realpath(tmpdir()), "tools-"));
  const install = join(base, "install");
  await installPackages(join(import.meta.dir, source), install);
  // Not in the temporary directory, where a step may write what it likes.
  const build = join(import.meta.dir, "../../../build");
  await mkdir(build, { recursive: true });
  const home = await mkdtemp(join(build, "home-"));
  return {
    workspace: async ({ command, files, home: shared = [] }) => {
      const workspace = await copyWorkspace(join(import.meta.dir, "workspace"));
      const manifest = { name: "tool", private: true, type: "module", scripts: { build: command } };
      await writeFiles(workspace.root, { "package.json": manifest, ...files });
      // Links to the same files: ten thousand of them in a quarter of a second.
      await run(["cp", "-al", join(install, "node_modules"), workspace.root], base);
      const ownHome = await mkdtemp(join(home, "home-"));
      for (const name of shared) await symlink(join(homedir(), name), join(ownHome, name));
      return { ...workspace, home: ownHome };
    },
    [Symbol.asyncDispose]: async () => {
      await rm(base, { recursive: true });
      await rm(home, { recursive: true });
    },
  };
}

/** Runs the workspace's task, with the Bun that runs the tests first on the `PATH`. */
export async function runTask(
  workspace: Workspace,
  environment: VtOptions["environment"] = {},
): Promise<VtResult> {
  const path = [dirname(process.execPath), process.env["PATH"]].join(delimiter);
  return await runVt(workspace, ["run", "build"], { environment: { PATH: path, ...environment } });
}

async function writeFiles(root: string, files: Files): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    const target = join(root, path);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, typeof content === "string" ? content : JSON.stringify(content));
  }
}

async function run(command: string[], cwd: string): Promise<void> {
  const exitCode = await Bun.spawn(command, { cwd, stdio: ["ignore", "inherit", "inherit"] })
    .exited;
  if (exitCode !== 0) throw new Error(`${command.join(" ")} ended with ${exitCode}`);
}
