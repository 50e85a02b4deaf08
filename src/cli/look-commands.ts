import { UserError } from "../base/error.ts";
import { type Option, parseOptions } from "../base/options.ts";
import { printable } from "../base/path.ts";
import {
  type PackageOptions,
  packageOptionTable,
  readPackageOptions,
} from "../task/package-options.ts";
import {
  type PlanRequest,
  planOptionTable,
  readPlanOptions,
  taskHint,
  taskOptionsHint,
} from "../task/run-options.ts";

/** The commands that look and run nothing. */
export type LookCommand =
  | { readonly kind: "ls"; readonly options: PackageOptions; readonly form: "text" | "json" }
  | { readonly kind: "why"; readonly request: PlanRequest; readonly form: "reasons" | "json" }
  | { readonly kind: "graph"; readonly request: PlanRequest; readonly format: GraphFormat };

export type GraphFormat = (typeof graphFormats)[number];

const graphFormats = ["mermaid", "dot", "html"] as const;

const json = { name: "json", value: { kind: "none" }, about: "As JSON" } as const;
const help = { name: "help", short: "h", value: { kind: "none" }, about: "Show this" } as const;

/** The options of `vt ls`. */
export const lsOptionTable = [...packageOptionTable, json, help] as const;

/** The options of `vt why`. */
export const whyOptionTable = [...planOptionTable, json, help] as const;

/** The options of `vt graph`. */
export const graphOptionTable = [
  ...planOptionTable,
  {
    name: "format",
    value: { kind: "choice", values: graphFormats },
    about: "What to write; mermaid by default",
  },
  help,
] as const;

/** Reads what follows `vt ls`; "help" when that is asked for. Throws a UserError with the code `usage`. */
export function parseLs(args: readonly string[]): LookCommand | "help" {
  const { values, rest } = parseOptions(lsOptionTable, args);
  if (values.help) return "help";
  const [extra] = rest;
  if (extra !== undefined) {
    throw new UserError(`\`vt ls\` takes no task, and was given \`${printable(extra)}\``, {
      code: "usage",
      hint: `\`vt why ${printable(extra)}\` tells what would become of it`,
    });
  }
  return { kind: "ls", options: readPackageOptions(values), form: values.json ? "json" : "text" };
}

/** Reads what follows `vt why`; "help" when that is asked for. Throws a UserError with the code `usage`. */
export function parseWhy(args: readonly string[]): LookCommand | "help" {
  const { values, rest } = parseOptions(whyOptionTable, args, taskOptionsHint);
  if (values.help) return "help";
  const request = {
    options: readPlanOptions(values),
    ...readTask({ command: "why", table: whyOptionTable, args, rest }),
  };
  return { kind: "why", request, form: values.json ? "json" : "reasons" };
}

/** Reads what follows `vt graph`; "help" when that is asked for. Throws a UserError with the code `usage`. */
export function parseGraph(args: readonly string[]): LookCommand | "help" {
  const { values, rest } = parseOptions(graphOptionTable, args, taskOptionsHint);
  if (values.help) return "help";
  const request = {
    options: readPlanOptions(values),
    ...readTask({ command: "graph", table: graphOptionTable, args, rest }),
  };
  return { kind: "graph", request, format: values.format ?? "mermaid" };
}

type Typed = {
  readonly command: string;
  readonly table: readonly Option[];
  readonly args: readonly string[];
  /** Of `args`, what follows the options. */
  readonly rest: readonly string[];
};

function readTask({ command, table, args, rest }: Typed): Pick<PlanRequest, "task" | "extraArgs"> {
  const [task, ...extraArgs] = rest;
  if (task === undefined) {
    const hint = `write \`vt ${command} <task>\`; ${taskHint}`;
    throw new UserError("No task given", { code: "usage", hint });
  }
  const isMarked = args.at(-rest.length - 1) === "--";
  const own = isMarked ? undefined : extraArgs.find((arg) => isOneOf(table, arg));
  if (own === undefined) return { task, extraArgs };
  const [ownText, taskText] = [printable(own), printable(task)];
  throw new UserError(`\`${ownText}\` stands behind the task, where all belongs to the task`, {
    code: "usage",
    hint: `options of vt go before \`${taskText}\`; if the task would get it, write \`vt ${command} -- ${taskText} ${ownText}\``,
  });
}

function isOneOf(table: readonly Option[], arg: string): boolean {
  const name = arg.replace(/=.*$/s, "");
  return table.some(
    (option) =>
      name === `--${option.name}` ||
      (option.value.kind === "on-off" && name === `--no-${option.name}`) ||
      (option.short !== undefined && name === `-${option.short}`),
  );
}
