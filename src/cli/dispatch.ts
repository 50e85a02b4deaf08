import { unreachable } from "../base/assert.ts";
import type { Host } from "../base/host.ts";
import { version } from "../base/version.ts";
import type { Terminal } from "../report/terminal.ts";
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
    case "run": {
      const { run } = await import("./run.ts");
      const { enterNesting } = await import("./nesting.ts");
      return await run(command.request, await enterNesting(host), terminal);
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
