import { canShowColours } from "./base/ansi.ts";
import type { Host } from "./base/host.ts";
import { absolutePath } from "./base/path.ts";
import { dispatch } from "./cli/dispatch.ts";
import { describeFailure } from "./cli/failure.ts";
import { loadLibrary } from "./native/library.ts";
import { isTerminal } from "./native/pipe.ts";
import { openTerminal } from "./report/terminal.ts";

/** Everything vt knows of its surroundings is read here, and nowhere else. */
function readHost(): Host {
  return {
    args: process.argv.slice(2),
    environment: process.env,
    cwd: absolutePath(process.cwd()),
    platform: process.platform,
    architecture: process.arch,
    pid: process.pid,
    executable: absolutePath(process.execPath),
    isStdinTerminal: () => isTerminal(0),
    isStdoutTerminal: () => isTerminal(1),
    now: Date.now,
  };
}

/** Runs one command line and returns the exit code. */
async function main(host: Host): Promise<number> {
  loadLibrary(host.environment);
  const terminal = openTerminal({
    stdout: canShowColours(host.environment, () => isTerminal(1)),
    stderr: canShowColours(host.environment, () => isTerminal(2)),
  });
  try {
    return await dispatch(host, terminal);
  } catch (error) {
    return describeFailure(error, terminal);
  } finally {
    terminal.flush();
  }
}

if (import.meta.main) process.exitCode = await main(readHost());
