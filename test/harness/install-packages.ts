import { cp } from "node:fs/promises";

/**
 * Copies a `package.json` with its `bun.lock` from `source` to `target` and installs what they name, most
 * of it from Bun's own cache. As copies: a file shared with other checkouts changes under their hands.
 */
export async function installPackages(source: string, target: string): Promise<void> {
  await cp(source, target, { recursive: true });
  const flags = ["--frozen-lockfile", "--silent", "--backend=copyfile"];
  const install = Bun.spawn([process.execPath, "install", ...flags], {
    cwd: target,
    stdio: ["ignore", "inherit", "inherit"],
  });
  const exitCode = await install.exited;
  if (exitCode !== 0) throw new Error(`bun install in ${target} ended with ${exitCode}`);
}
