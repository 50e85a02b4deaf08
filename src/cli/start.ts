import { canShowColours } from "../base/ansi.ts";
import { UserError } from "../base/error.ts";
import { errnoOf } from "../base/file.ts";
import type { Host, Surroundings } from "../base/host.ts";
import { once } from "../base/once.ts";
import { type AbsolutePath, absolutePath, isAbsolutePath, resolvePath } from "../base/path.ts";
import { placeLibraryFor } from "../native/library.ts";
import { isTerminal } from "../native/pipe.ts";
import { openTerminal } from "../report/terminal.ts";
import { dispatch } from "./dispatch.ts";
import { describeFailure } from "./failure.ts";

/** Does what the command line asks for, and returns the exit code. */
export async function start(surroundings: Surroundings): Promise<number> {
  const { environment } = surroundings;
  placeLibraryFor(environment);
  const terminal = openTerminal({
    stdout: once(() => canShowColours(environment, () => isTerminal(1))),
    stderr: once(() => canShowColours(environment, () => isTerminal(2))),
  });
  try {
    return await dispatch(toHost(surroundings), terminal);
  } catch (error) {
    return describeFailure(error, terminal);
  } finally {
    terminal.flush();
  }
}

/** Throws a `UserError`. */
function toHost({ cwd: readPath, executable, ...rest }: Surroundings): Host {
  const cwd = readCwd(readPath);
  return {
    ...rest,
    cwd,
    executable: findExecutable(executable, cwd),
    isStdinTerminal: () => isTerminal(0),
    isStdoutTerminal: () => isTerminal(1),
  };
}

/** Where there is no /proc, Bun knows no more than what vt was called as. */
function findExecutable(executable: string, cwd: AbsolutePath): AbsolutePath {
  if (isAbsolutePath(executable)) return absolutePath(executable);
  return resolvePath(cwd, Bun.which(executable) ?? executable);
}

function readCwd(readPath: Surroundings["cwd"]): AbsolutePath {
  try {
    const cwd = readPath();
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
