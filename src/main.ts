import { canShowColours } from "./base/ansi.ts";
import { UserError } from "./base/error.ts";
import { errnoOf } from "./base/file.ts";
import type { Host } from "./base/host.ts";
import { once } from "./base/once.ts";
import { type AbsolutePath, absolutePath } from "./base/path.ts";
import { dispatch } from "./cli/dispatch.ts";
import { describeFailure } from "./cli/failure.ts";
import { placeLibraryFor } from "./native/library.ts";
import { isTerminal } from "./native/pipe.ts";
import { openTerminal } from "./report/terminal.ts";

/** Everything vt knows of its surroundings is read here, and nowhere else. Throws a `UserError`. */
function readHost(): Host {
  return {
    args: process.argv.slice(2),
    environment: process.env,
    cwd: readCwd(),
    platform: process.platform,
    architecture: process.arch,
    pid: process.pid,
    executable: absolutePath(process.execPath),
    isStdinTerminal: () => isTerminal(0),
    isStdoutTerminal: () => isTerminal(1),
    now: Date.now,
  };
}

function readCwd(): AbsolutePath {
  try {
    const cwd = process.cwd();
    if (!cwd.includes("\ufffd")) return absolutePath(cwd);
  } catch (cause) {
    if (errnoOf(cause) === undefined) throw cause;
    throw new UserError("The current directory has been removed", {
      code: "workspace-not-found",
      hint: "change to another directory",
      cause,
    });
  }
  // Bun cannot start a program in such a directory.
  throw new UserError("The path of the current directory is not UTF-8", {
    code: "workspace-not-found",
    hint: "rename the directory; files in a workspace may have any name",
  });
}

/** Runs the command line and returns the exit code. */
async function main(): Promise<number> {
  const { env: environment } = process;
  placeLibraryFor(environment);
  const terminal = openTerminal({
    stdout: once(() => canShowColours(environment, () => isTerminal(1))),
    stderr: once(() => canShowColours(environment, () => isTerminal(2))),
  });
  try {
    return await dispatch(readHost(), terminal);
  } catch (error) {
    return describeFailure(error, terminal);
  } finally {
    terminal.flush();
  }
}

if (import.meta.main) process.exitCode = await main();
