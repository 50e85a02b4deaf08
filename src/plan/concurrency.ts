import { UserError } from "../base/error.ts";
import type { Environment } from "../base/host.ts";
import type { PlanOptions } from "../task/run-options.ts";

const defaultConcurrency = 4;

/** Ours first; the second is what the users of `vp run` have. */
const variables = ["VT_CONCURRENCY", "VP_RUN_CONCURRENCY_LIMIT"];

/**
 * How many tasks of one run may be under way at once: 1 or more, Infinity for `--parallel`.
 *
 * Throws a `UserError` when the variable that would decide holds no number.
 */
export function concurrencyOf(options: PlanOptions, environment: Environment): number {
  if (options.concurrencyLimit !== undefined) return Math.max(1, options.concurrencyLimit);
  if (options.isParallel) return Number.POSITIVE_INFINITY;
  const name = variables.find((variable) => environment[variable] !== undefined);
  if (name === undefined) return defaultConcurrency;
  const text = environment[name] ?? "";
  if (!/^\d{1,9}$/.test(text)) {
    throw new UserError(`Invalid value for ${name}: ${JSON.stringify(text)}`, {
      code: "environment-invalid",
      hint: "it takes a whole number: how many tasks may run at once",
    });
  }
  return Math.max(1, Number(text));
}
