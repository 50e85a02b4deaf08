import { UserError } from "../base/error.ts";
import { suggest } from "../base/nearest.ts";
import { type Option, parseOptions } from "../base/options.ts";
import { printable } from "../base/path.ts";
import type { CacheLimits } from "../cache/collect.ts";

/** What is asked of the cache. */
export type CacheCall =
  | { readonly kind: "info" }
  | { readonly kind: "prune"; readonly limits: Partial<CacheLimits> }
  | { readonly kind: "verify"; readonly shouldRepair: boolean }
  | { readonly kind: "clean" };

const help = { name: "help", short: "h", value: { kind: "none" }, about: "Show this" } as const;

/** The options of `vt cache`; each belongs to one of its commands. */
export const cacheOptionTable = [
  help,
  {
    name: "max-size",
    value: { kind: "bytes" },
    about: "Of `prune`: what may stay, as in 500MB or 2GB; 10GB by default",
  },
  {
    name: "max-age",
    value: { kind: "age" },
    about: "Of `prune`: how long unused, as in 12h or 30d; 30d by default",
  },
  {
    name: "repair",
    value: { kind: "none" },
    about: "Of `verify`: drop what is damaged",
  },
] as const satisfies readonly Option[];

/** The commands of `vt cache`. */
export const cacheNames = ["info", "prune", "verify", "clean"] as const;

/** Reads what follows `vt cache`; "help" when that is asked for. Throws a UserError with the code `usage`. */
export function parseCacheCall(args: readonly string[]): CacheCall | "help" {
  const before = parseOptions(cacheOptionTable, args);
  const [name, ...more] = before.rest;
  const after = parseOptions(cacheOptionTable, more);
  const values = { ...before.values, ...after.values };
  if (name === undefined || values.help) return "help";
  const known = cacheNames.find((candidate) => candidate === name);
  const [extra] = after.rest;
  if (known === undefined)
    throw usage(
      `Unknown command \`vt cache ${printable(name)}\``,
      suggest(name, cacheNames) ?? "see `vt cache --help`",
    );
  if (extra !== undefined)
    throw usage(
      `Unknown command \`vt cache ${known} ${printable(extra)}\``,
      `\`vt cache ${known}\` takes no argument`,
    );
  assertOwnOptions(known, values);
  switch (known) {
    case "prune": {
      const { "max-size": sizeBytes, "max-age": ageMs } = values;
      return {
        kind: known,
        limits: {
          ...(sizeBytes !== undefined && { sizeBytes }),
          ...(ageMs !== undefined && { ageMs }),
        },
      };
    }
    case "verify":
      return { kind: known, shouldRepair: values.repair === true };
    default:
      return { kind: known };
  }
}

const owners: Readonly<Record<string, string>> = {
  "max-size": "prune",
  "max-age": "prune",
  repair: "verify",
};

function assertOwnOptions(name: string, values: object): void {
  const foreign = Object.keys(values).find((option) => owners[option] !== name);
  if (foreign !== undefined)
    throw usage(`\`--${foreign}\` belongs to \`vt cache ${owners[foreign]}\``);
}

function usage(message: string, hint?: string): UserError {
  return new UserError(message, { code: "usage", hint });
}
