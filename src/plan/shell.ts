import { absolutePath } from "../base/path.ts";

/** Runs a text that is more than plain words. What `npm run` uses, too. */
export const shell = { name: "sh", program: absolutePath("/bin/sh") };

/** Arguments as one would type them in a shell, each with a space in front of it. */
export function quoteArguments(args: readonly string[]): string {
  return args.map((argument) => ` ${quote(argument)}`).join("");
}

function quote(argument: string): string {
  if (/^[\w@%+=:,./-]+$/.test(argument)) return argument;
  return `'${argument.replaceAll("'", "'\\''")}'`;
}
