import { UserError } from "../base/error.ts";
import { suggest } from "../base/nearest.ts";
import { parseOptions } from "../base/options.ts";
import { printable } from "../base/path.ts";
import { hasPackageOptions } from "../task/package-options.ts";
import { parseRunOptions, type RunRequest, taskHint } from "../task/run-options.ts";
import { type CacheCall, parseCacheCall } from "./cache-command.ts";
import { type InitCall, parseInitCall } from "./init-command.ts";
import { type LookCommand, parseGraph, parseLs, parseWhy } from "./look-commands.ts";
import { type Shell, shells } from "./shells.ts";
import { parseToolCall, type ToolCall } from "./tool-command.ts";

/** What the person asked vt to do. */
export type Command =
  | { readonly kind: "run"; readonly request: RunRequest }
  /** A run of a task that is still to be chosen. */
  | { readonly kind: "pick"; readonly request: RunRequest }
  | { readonly kind: "dry-run"; readonly request: RunRequest }
  | { readonly kind: "last-details" }
  | LookCommand
  | { readonly kind: "cache"; readonly call: CacheCall }
  | { readonly kind: "init"; readonly call: InitCall }
  | { readonly kind: "schema"; readonly form: "json-schema" | "types" }
  | { readonly kind: "completion"; readonly shell: Shell }
  /** Asked by the scripts of `completion`; nobody types it. */
  | { readonly kind: "complete"; readonly words: readonly string[] }
  | { readonly kind: "tool"; readonly call: ToolCall }
  | { readonly kind: "help"; readonly topic: HelpTopic }
  | { readonly kind: "version" };

export type HelpTopic = "vt" | CommandName;

const help = { name: "help", short: "h", value: { kind: "none" }, about: "Show this" } as const;

/** The options of `vt` itself, for the parser and the help. */
export const ownOptionTable = [
  help,
  { name: "version", short: "v", value: { kind: "none" }, about: "Show the version" },
] as const;

/** Reads what follows `vt`. Throws a UserError with the code `usage`. */
export function parseCommand(args: readonly string[]): Command {
  const { values, rest } = parseOptions(
    ownOptionTable,
    args,
    "a task runs with `vt run <task>`; `vt --help` lists the commands",
  );
  const [name, ...more] = rest;
  if (values.version) return { kind: "version" };
  if (values.help) return parseHelp(rest);
  switch (name) {
    case undefined:
      return { kind: "help", topic: "vt" };
    case "run":
      return parseRun(more);
    case "ls":
      return orHelp("ls", parseLs(more));
    case "why":
      return orHelp("why", parseWhy(more));
    case "graph":
      return orHelp("graph", parseGraph(more));
    case "cache":
      return parseCache(more);
    case "tool":
      return parseTool(more);
    case "init":
      return parseInit(more);
    case "schema":
      return parseSchema(more);
    case "completion":
      return parseCompletion(more);
    case "complete":
      return { kind: "complete", words: more };
    case "help":
      return parseHelp(more);
    default:
      throw unknownCommand(
        `vt ${name}`,
        suggest(name, commandNames) ?? `a task runs with \`vt run ${printable(name)}\``,
      );
  }
}

/** The commands that people type. */
export const commandNames = [
  ...([
    "run",
    "ls",
    "why",
    "graph",
    "cache",
    "tool",
    "init",
    "schema",
    "completion",
    "help",
  ] as const),
];

/** The options of `vt schema`. */
export const schemaOptionTable = [
  { name: "types", value: { kind: "none" }, about: "As a TypeScript type" },
  help,
] as const;

/** The options of `vt completion`. */
export const completionOptionTable = [help] as const;

type CommandName = Exclude<(typeof commandNames)[number], "help">;

function orHelp(topic: HelpTopic, command: Command | "help"): Command {
  return command === "help" ? { kind: "help", topic } : command;
}

function parseRun(args: readonly string[]): Command {
  const request = parseRunOptions(args);
  if (request.options.isHelp) return { kind: "help", topic: "run" };
  if (request.options.isLastDetails) return { kind: "last-details" };
  if (request.task === undefined) return parseWithoutTask(request);
  return request.options.dryRun === undefined
    ? { kind: "run", request }
    : { kind: "dry-run", request };
}

/** `vt run` by itself asks what there is to run; with options for packages, the task was forgotten. */
function parseWithoutTask(request: RunRequest): Command {
  const { options } = request;
  if (!hasPackageOptions(options) && options.dryRun === undefined) return { kind: "pick", request };
  const hint = `write \`vt run <task>\`; ${taskHint}`;
  throw new UserError("No task given", { code: "usage", hint });
}

function parseCache(args: readonly string[]): Command {
  const call = parseCacheCall(args);
  return call === "help" ? { kind: "help", topic: "cache" } : { kind: "cache", call };
}

function parseTool(args: readonly string[]): Command {
  const call = parseToolCall(args);
  return orHelp("tool", call === "help" ? call : { kind: "tool", call });
}

function parseInit(args: readonly string[]): Command {
  const call = parseInitCall(args);
  return call === "help" ? { kind: "help", topic: "init" } : { kind: "init", call };
}

function parseSchema(args: readonly string[]): Command {
  const { values, rest } = parseOptions(schemaOptionTable, args);
  if (values.help) return { kind: "help", topic: "schema" };
  const [extra] = rest;
  if (extra !== undefined)
    throw unknownCommand(`vt schema ${extra}`, "`vt schema` takes nothing but options");
  return { kind: "schema", form: values.types ? "types" : "json-schema" };
}

function parseCompletion(args: readonly string[]): Command {
  const { values, rest } = parseOptions(completionOptionTable, args);
  const [name] = rest;
  if (values.help || name === undefined) return { kind: "help", topic: "completion" };
  const shell = shells.find((known) => known === name);
  if (shell !== undefined) return { kind: "completion", shell };
  throw unknownCommand(
    `vt completion ${name}`,
    suggest(name, shells) ?? `there are scripts for ${shells.join(", ")}`,
  );
}

/** Of `vt help …`, and of `vt --help …`. */
function parseHelp([name]: readonly string[]): Command {
  switch (name) {
    case undefined:
    case "help":
      return { kind: "help", topic: "vt" };
    default:
      if (isCommandName(name)) return { kind: "help", topic: name };
      throw unknownCommand(
        `vt ${name}`,
        suggest(name, commandNames) ?? "`vt help` lists the commands",
      );
  }
}

function isCommandName(name: string): name is CommandName {
  return commandNames.some((command) => command === name);
}

function unknownCommand(text: string, hint: string | undefined): UserError {
  return new UserError(`Unknown command \`${printable(text)}\``, { code: "usage", hint });
}
