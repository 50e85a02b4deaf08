import { UserError } from "../base/error.ts";
import { suggest } from "../base/nearest.ts";
import { parseOptions } from "../base/options.ts";
import { printable } from "../base/path.ts";

/** What a script tells vt, or asks it. */
export type ToolCall =
  | { readonly kind: "ignore-input" | "ignore-output"; readonly paths: readonly string[] }
  | { readonly kind: "disable-cache" }
  | { readonly kind: "get-env"; readonly name: string; readonly isTracked: boolean }
  | { readonly kind: "get-envs"; readonly glob: string; readonly isTracked: boolean };

/** The options of `vt tool`. */
export const toolOptionTable = [
  { name: "help", short: "h", value: { kind: "none" }, about: "Show this" },
  {
    name: "untracked",
    value: { kind: "none" },
    about: "Of `get-env` and `get-envs`: the answer does not matter for the cache",
  },
] as const;

/** The commands of `vt tool`. */
export const toolNames = [
  "ignore-input",
  "ignore-output",
  "disable-cache",
  "get-env",
  "get-envs",
] as const;

/** Reads what follows `vt tool`; "help" when that is asked for. Throws a UserError with the code `usage`. */
export function parseToolCall(args: readonly string[]): ToolCall | "help" {
  const before = parseOptions(toolOptionTable, args);
  const [name, ...more] = before.rest;
  const after = parseOptions(toolOptionTable, more);
  if (name === undefined || before.values.help || after.values.help) return "help";
  const { rest } = after;
  const isTracked = !(before.values.untracked || after.values.untracked);
  switch (name) {
    case "ignore-input":
    case "ignore-output":
      if (rest.length === 0) throw wrongUse(`\`vt tool ${name}\` takes one path or more`);
      return { kind: name, paths: rest };
    case "disable-cache":
      if (rest.length > 0) throw wrongUse("`vt tool disable-cache` takes nothing");
      return { kind: name };
    case "get-env":
      return { kind: name, name: single(name, "the name of a variable", rest), isTracked };
    case "get-envs":
      return { kind: name, glob: single(name, "one pattern", rest), isTracked };
    default:
      throw wrongUse(`Unknown command \`vt tool ${printable(name)}\``, suggest(name, toolNames));
  }
}

function single(command: string, what: string, rest: readonly string[]): string {
  const [first, ...others] = rest;
  if (first !== undefined && others.length === 0) return first;
  throw wrongUse(`\`vt tool ${command}\` takes ${what}`);
}

function wrongUse(message: string, hint = "see `vt tool --help`"): UserError {
  return new UserError(message, { code: "usage", hint });
}
