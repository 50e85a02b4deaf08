import { isInteractive } from "../base/ansi.ts";
import { unreachable } from "../base/assert.ts";
import { UserError } from "../base/error.ts";
import type { Host } from "../base/host.ts";
import { version } from "../base/version.ts";
import type { Terminal } from "../report/terminal.ts";
import { hasPackageOptions } from "../task/package-options.ts";
import type { RunRequest } from "../task/run-options.ts";
import { parseCommand } from "./command.ts";

/** Does what the command line asks for, and returns the exit code. What a command needs is loaded with it. */
export async function dispatch(host: Host, terminal: Terminal): Promise<number> {
  const command = parseCommand(host.args);
  switch (command.kind) {
    case "version":
      terminal.write("stdout", `vt ${version}\n`);
      return 0;
    case "help": {
      const { helpText } = await import("./help.ts");
      terminal.write("stdout", helpText(command.topic));
      return 0;
    }
    case "run":
      return await runOrPick(command.request, host, terminal);
    case "pick": {
      if (isAskable(host)) return await pickAndRun(command.request, host, terminal);
      return await list(command.request, host, terminal);
    }
    case "dry-run":
    case "why": {
      const { preview } = await import("./preview.ts");
      const form =
        command.kind === "why" ? command.form : (command.request.options.dryRun ?? "text");
      return await preview(command.request, form, host, terminal);
    }
    case "ls": {
      const { ls } = await import("./ls.ts");
      return await ls(command.options, command.form, host, terminal);
    }
    case "graph": {
      const { graph } = await import("./graph.ts");
      return await graph(command.request, command.format, host, terminal);
    }
    case "last-details": {
      const { lastDetails } = await import("./last-details.ts");
      return await lastDetails(host, terminal);
    }
    case "cache": {
      const { tendCache } = await import("./cache.ts");
      return await tendCache(command.call, host, terminal);
    }
    case "init": {
      const { init } = await import("./init.ts");
      return await init(command.call, host, terminal);
    }
    case "schema": {
      const { schema } = await import("./schema.ts");
      return schema(command.form, terminal);
    }
    case "completion": {
      const { completionScript } = await import("./completion-scripts.ts");
      terminal.write("stdout", completionScript(command.shell));
      return 0;
    }
    case "complete": {
      const { complete } = await import("./complete.ts");
      return await complete(command.words, host, terminal);
    }
    case "tool": {
      const { tool } = await import("./tool.ts");
      return await tool(command.call, host, terminal);
    }
    default:
      return unreachable(command);
  }
}

async function run(request: RunRequest, host: Host, terminal: Terminal): Promise<number> {
  const { run: runTasks } = await import("./run.ts");
  const { enterNesting } = await import("./nesting.ts");
  return await runTasks(request, await enterNesting(host), terminal);
}

async function list({ options }: RunRequest, host: Host, terminal: Terminal): Promise<number> {
  const { ls } = await import("./ls.ts");
  return await ls(options, "text", host, terminal);
}

/** Whoever mistyped the name of a task of their own package is asked which one they meant. */
async function runOrPick(request: RunRequest, host: Host, terminal: Terminal): Promise<number> {
  try {
    return await run(request, host, terminal);
  } catch (error) {
    const isTypo = error instanceof UserError && error.code === "task-not-found";
    const isPlain = !hasPackageOptions(request.options) && request.task?.includes("#") === false;
    if (!isTypo || !isPlain || !isAskable(host)) throw error;
    return await pickAndRun(request, host, terminal, error);
  }
}

/** `notFound` is what kept the request from being run, if it was tried. */
async function pickAndRun(
  request: RunRequest,
  host: Host,
  terminal: Terminal,
  notFound?: UserError,
): Promise<number> {
  const { pickTask } = await import("./pick-task.ts");
  const picked = await pickTask(request, host, terminal);
  switch (picked.kind) {
    case "picked":
      return await run(picked.request, host, terminal);
    case "aborted":
      return picked.exitCode;
    case "nothing-to-pick":
      if (notFound !== undefined) throw notFound;
      return await list(request, host, terminal);
  }
}

/** Keys come from the standard input, and the list is shown on the standard output. */
function isAskable({ environment, isStdinTerminal, isStdoutTerminal }: Host): boolean {
  return isInteractive(environment, () => isStdinTerminal() && isStdoutTerminal());
}
