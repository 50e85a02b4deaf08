import {
  existsSync,
  mkdtempSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statfsSync,
  statSync,
  writeFileSync,
} from "node:fs";
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

/** Whether there is as much room in memory as vt wants for what it writes there. */
export function hasRoomInMemory(): boolean {
  if (!existsSync(memory)) return false;
  const { bavail, bsize } = statfsSync(memory);
  return bavail * bsize >= 2 ** 30;
}

/** Whether a 64-bit program can make the calls of a 32-bit one. */
export function has32BitCalls(): boolean {
  if (process.platform !== "linux" || process.arch !== "x64") return false;
  const place = mkdtempSync(join(tmpdir(), "vt-32-bit-"));
  try {
    const [source, program] = [join(place, "call.c"), join(place, "call")];
    writeFileSync(source, callOf32Bits);
    return doesWork(["cc", "-o", program, source]) && doesWork([program]);
  } finally {
    rmSync(place, { recursive: true });
  }
}

const callOf32Bits = `
#include <unistd.h>
int main(void) {
  int answer;
  __asm__ volatile("int $0x80" : "=a"(answer) : "0"(20 /* getpid */) : "memory");
  return answer == getpid() ? 0 : 1;
}
`;

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
