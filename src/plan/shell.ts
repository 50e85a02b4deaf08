import { type AbsolutePath, absolutePath, isWindows } from "../base/path.ts";
import { cmdArguments, quoteOnWindows } from "./windows.ts";

/** Runs a text that is more than plain words. What `npm run` uses, too. */
type Shell = {
  readonly name: string;
  /** Undefined where it is to be found through PATH. */
  readonly program: AbsolutePath | undefined;
  /** What it has to be called with to run a text. */
  readonly argumentsFor: (text: string) => readonly string[];
  /** An argument as one would type it. */
  readonly quote: (argument: string) => string;
};

const posixShell: Shell = {
  name: "sh",
  program: absolutePath("/bin/sh"),
  argumentsFor: (text) => ["-c", text],
  quote: (argument) =>
    /^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", "'\\''")}'`,
};

const windowsShell: Shell = {
  name: "cmd.exe",
  program: undefined,
  argumentsFor: cmdArguments,
  quote: quoteOnWindows,
};

export const shell = isWindows ? windowsShell : posixShell;

/** Arguments as one would type them in a shell, each with a space in front of it. */
export function quoteArguments(args: readonly string[]): string {
  return args.map((argument) => ` ${shell.quote(argument)}`).join("");
}
