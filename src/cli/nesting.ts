import { UserError } from "../base/error.ts";
import type { Host } from "../base/host.ts";
import { absolutePath, isAbsolutePath } from "../base/path.ts";
import { askRunner } from "../ipc/ask.ts";

/** How many `vt` may be inside one another as processes; a script that runs itself would go on for ever. */
const depthMax = 10;

/**
 * What a `vt run` that was started by a task of another one has to do first. What it looks up is
 * seen by nobody: the outer step must not be stored. Returns the host for what it starts in its turn.
 * Throws a `UserError` where vt has started itself too often.
 */
export async function enterNesting(host: Host): Promise<Host> {
  const depth = Number(host.environment["VT_DEPTH"] ?? 0) || 0;
  if (depth >= depthMax)
    throw new UserError(`vt has been started inside itself ${depth} times`, {
      code: "recursion",
      hint: "a script that runs its own task through a shell never ends; take that out of it",
    });
  const endpoint = host.environment["VP_RUN_IPC_NAME"];
  if (isAbsolutePath(endpoint)) await askRunner(absolutePath(endpoint), [{ call: "disableCache" }]);
  return { ...host, environment: { ...host.environment, VT_DEPTH: String(depth + 1) } };
}
