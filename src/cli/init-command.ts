import { UserError } from "../base/error.ts";
import { parseOptions } from "../base/options.ts";
import { printable } from "../base/path.ts";

/** What a first configuration can be made from, besides the scripts of `package.json`. */
export type InitSource = (typeof initSources)[number];

export type InitCall = {
  /** Undefined: what is found. */
  readonly from: InitSource | undefined;
  readonly isDryRun: boolean;
};

const initSources = ["turbo", "nx", "wireit"] as const;

/** The options of `vt init`. */
export const initOptionTable = [
  {
    name: "from",
    value: { kind: "choice", values: initSources },
    about: "What to read; by default what is there, else the scripts of package.json",
  },
  { name: "dry-run", value: { kind: "none" }, about: "Print the files, and write nothing" },
  { name: "help", short: "h", value: { kind: "none" }, about: "Show this" },
] as const;

/** Reads what follows `vt init`; "help" when that is asked for. Throws a UserError with the code `usage`. */
export function parseInitCall(args: readonly string[]): InitCall | "help" {
  const { values, rest } = parseOptions(initOptionTable, args);
  if (values.help) return "help";
  const [extra] = rest;
  if (extra === undefined) return { from: values.from, isDryRun: values["dry-run"] === true };
  throw new UserError(
    `\`vt init\` takes nothing but options, and was given \`${printable(extra)}\``,
    {
      code: "usage",
      hint: initSources.some((name) => name === extra)
        ? `write \`vt init --from ${extra}\``
        : undefined,
    },
  );
}
