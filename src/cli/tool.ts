import { UserError } from "../base/error.ts";
import type { Host } from "../base/host.ts";
import { absolutePath, isAbsolutePath, printable, resolvePath } from "../base/path.ts";
import { answerAlone } from "../ipc/alone.ts";
import { askRunner } from "../ipc/ask.ts";
import type { Reply, WireRequest } from "../ipc/protocol.ts";
import type { Terminal } from "../report/terminal.ts";
import type { ToolCall } from "./tool-command.ts";

/**
 * `vt tool`: what a script that is no JavaScript tells the vt that runs it. Outside of a cached task
 * there is nobody to tell, which is no failure, and its own environment is asked instead. Throws a
 * `UserError` for what means nothing.
 */
export async function tool(call: ToolCall, host: Host, terminal: Terminal): Promise<number> {
  const endpoint = host.environment["VP_RUN_IPC_NAME"];
  const requests = requestsOf(call, host);
  const replies = isAbsolutePath(endpoint)
    ? await askRunner(absolutePath(endpoint), requests)
    : undefined;
  for (const reply of replies ?? answerAlone(requests, host.environment)) {
    if (reply.error !== undefined) throw refused(call, reply.error);
    terminal.write("stdout", describeReply(reply));
  }
  return 0;
}

function requestsOf(call: ToolCall, { cwd }: Host): WireRequest[] {
  switch (call.kind) {
    case "ignore-input":
    case "ignore-output": {
      const name = call.kind === "ignore-input" ? "ignoreInput" : "ignoreOutput";
      return call.paths.map((path) => ({ call: name, path: resolvePath(cwd, path) }));
    }
    case "disable-cache":
      return [{ call: "disableCache" }];
    case "get-env":
      return [{ call: "getEnv", name: call.name, tracked: call.isTracked }];
    case "get-envs":
      return [{ call: "getEnvs", glob: call.glob, tracked: call.isTracked }];
  }
}

/** Nothing for a variable that is not set; `NAME=value` lines for several. */
function describeReply({ value, values }: Reply): string {
  if (typeof value === "string") return `${value}\n`;
  return Object.entries(values ?? {})
    .map(([name, text]) => `${name}=${text}\n`)
    .join("");
}

function refused(call: ToolCall, error: string): UserError {
  return new UserError(`vt tool ${call.kind}: ${printable(error)}`, { code: "usage" });
}
