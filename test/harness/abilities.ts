import { existsSync, mkdtempSync, readFileSync, rmdirSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/*
 * What some tests need of the machine besides programs that a package brings. Such a test says so at
 * the end of its name, `(needs mount)`, so that `npm test` can tell whether its skip is excused.
 */

/** How a mount namespace of one's own is had. */
export const unshare: readonly string[] = ["unshare", process.getuid?.() === 0 ? "-m" : "-rm"];

/** Whether file systems can be mounted in a namespace of one's own. */
export function canMount(): boolean {
  return doesWork([...unshare, "mount", "-t", "tmpfs", "tmpfs", "/tmp"]);
}

/** Whether they can be mounted where this process sees them. */
export function canMountHere(): boolean {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return false;
  const place = mkdtempSync(join(tmpdir(), "vt-mount-"));
  try {
    return doesWork(["mount", "-t", "tmpfs", "tmpfs", place]) && doesWork(["umount", place]);
  } finally {
    rmdirSync(place);
  }
}

/** Whether an ext4 in a file can be made and mounted. */
export function canMountExt4(): boolean {
  return canMount() && Bun.which("mkfs.ext4") !== null && doesWork(["losetup", "-f"]);
}

export const memory = "/dev/shm";

/** Whether there is a file system in memory, apart from the one for temporary files. */
export function hasMemory(): boolean {
  return existsSync(memory) && statSync(memory).dev !== statSync(tmpdir()).dev;
}

const yama = "/proc/sys/kernel/yama/ptrace_scope";

/** Whether the kernel lets an ordinary user's process look into its own descendants only. */
export function hasYama(): boolean {
  return existsSync(yama) && readFileSync(yama, "utf8").trim() === "1";
}

function doesWork(command: string[]): boolean {
  try {
    return Bun.spawnSync(command, { stdio: ["ignore", "ignore", "ignore"] }).exitCode === 0;
  } catch {
    return false; // The program is not there.
  }
}
