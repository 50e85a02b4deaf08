import type { Surroundings } from "./base/host.ts";
import { answerAtOnce } from "./cli/at-once.ts";

/** Everything vt knows of its surroundings is read here, and nowhere else. */
const surroundings: Surroundings = {
  args: process.argv.slice(2),
  environment: process.env,
  cwd: process.cwd,
  platform: process.platform,
  architecture: process.arch,
  pid: process.pid,
  user: [process.geteuid?.() ?? 0, process.getegid?.() ?? 0, ...(process.getgroups?.() ?? [])],
  executable: process.execPath,
  now: Date.now,
  elapsedUs: () => Bun.nanoseconds() / 1000,
};

/** Returns the exit code. Nearly all of vt is loaded only where it is needed. */
async function main(): Promise<number> {
  const answered = await answerAtOnce(surroundings);
  // All has been written, and nothing is under way: the engine need not look for what it could still do.
  if (answered !== undefined) process.exit(answered);
  const { start } = await import("./cli/start.ts");
  return await start(surroundings);
}

if (import.meta.main) process.exitCode = await main();
