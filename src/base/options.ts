import { UserError } from "./error.ts";
import { suggest } from "./nearest.ts";
import { printable } from "./path.ts";

/** One option of a command. Parser, help and completion work from the same table. */
export type Option = {
  /** Without the dashes. */
  readonly name: string;
  /** One letter. */
  readonly short?: string;
  readonly value:
    | { readonly kind: "none" }
    /** `--name` and `--no-name`. */
    | { readonly kind: "on-off" }
    | { readonly kind: "choice"; readonly values: readonly string[] }
    | { readonly kind: "number" };
  /** For the help, a line at most. */
  readonly about: string;
};

/** What was given, by name; absent what was not. */
export type OptionValues<Table extends readonly Option[]> = {
  readonly [Entry in Table[number] as Entry["name"]]?: ValueOf<Entry["value"]>;
};

type ValueOf<Value> = Value extends { kind: "none" }
  ? true
  : Value extends { kind: "on-off" }
    ? "on" | "off"
    : Value extends { kind: "choice"; values: readonly (infer Choice)[] }
      ? Choice
      : number;

/**
 * Reads options up to the first argument that is none, or up to `--`, which is dropped; `rest` is
 * what follows, untouched. Of an option given twice the last one counts. Throws a UserError for an
 * unknown option, a value that is missing or wrong, and `--x` beside `--no-x`.
 */
export function parseOptions<const Table extends readonly Option[]>(
  table: Table,
  args: readonly string[],
): { readonly values: OptionValues<Table>; readonly rest: readonly string[] } {
  const values = new Map<string, true | string | number>();
  let index = 0;
  while (index < args.length) {
    const arg = args[index] ?? "";
    if (!arg.startsWith("-") || arg === "-") break;
    index += 1;
    if (arg === "--") break;
    for (const given of splitLetters(arg)) {
      const { option, isOff, inline } = findOption(table, given);
      const needsNext = inline === undefined && hasText(option);
      set(values, option, isOff ? "off" : readValue(option, needsNext ? args[index] : inline));
      if (needsNext) index += 1;
    }
  }
  // Only what the table names was put in.
  const record = Object.fromEntries(values) as OptionValues<Table>;
  return { values: record, rest: args.slice(index) };
}

/** As in help and messages: `--log <interleaved|labeled|grouped>`. */
export function describeOption(option: Option): string {
  const short = option.short === undefined ? "" : `-${option.short}, `;
  return `${short}--${option.name}${describeValue(option)}`;
}

/** `-rv` is `-r -v`. */
function splitLetters(arg: string): readonly string[] {
  return /^-[^-=]{2,}$/.test(arg) ? [...arg.slice(1)].map((letter) => `-${letter}`) : [arg];
}

type Given = {
  readonly option: Option;
  readonly isOff: boolean;
  readonly inline: string | undefined;
};

function findOption(table: readonly Option[], arg: string): Given {
  const [, name = arg, inline] = /^([^=]*)=(.*)$/s.exec(arg) ?? [];
  for (const option of table) {
    if (name === `--${option.name}` || name === `-${option.short}`) {
      return { option, isOff: false, inline };
    }
    if (option.value.kind === "on-off" && name === `--no-${option.name}` && inline === undefined) {
      return { option, isOff: true, inline };
    }
  }
  const names = table.flatMap((option) =>
    option.value.kind === "on-off"
      ? [`--${option.name}`, `--no-${option.name}`]
      : [`--${option.name}`],
  );
  throw new UserError(`Unknown option \`${printable(name)}\``, {
    code: "usage",
    hint: suggest(name, names) ?? "options for the task itself go after its name",
  });
}

function hasText({ value }: Option): boolean {
  return value.kind === "choice" || value.kind === "number";
}

function readValue(option: Option, text: string | undefined): true | string | number {
  const { name, value } = option;
  switch (value.kind) {
    case "none":
    case "on-off":
      if (text !== undefined) throw usage(`\`--${name}\` takes no value`);
      return value.kind === "none" ? true : "on";
    case "choice":
      if (text !== undefined && value.values.includes(text)) return text;
      throw wrongValue(option, text, suggest(text ?? "", value.values));
    case "number":
      if (text !== undefined && /^\d{1,9}$/.test(text)) return Number(text);
      throw wrongValue(option, text, undefined);
  }
}

function set(
  values: Map<string, true | string | number>,
  { name, value }: Option,
  given: true | string | number,
): void {
  if (value.kind === "on-off" && values.has(name) && values.get(name) !== given) {
    throw usage(`\`--${name}\` and \`--no-${name}\` exclude each other`);
  }
  values.set(name, given);
}

function wrongValue(option: Option, text: string | undefined, hint: string | undefined): UserError {
  const given = text === undefined ? "nothing follows it" : `not \`${printable(text)}\``;
  const { value } = option;
  const expected = value.kind === "choice" ? value.values.join(", ") : "a whole number";
  return usage(`\`--${option.name}\` takes ${expected}; ${given}`, hint);
}

function usage(message: string, hint?: string): UserError {
  return new UserError(message, { code: "usage", hint });
}

function describeValue({ value }: Option): string {
  if (value.kind === "choice") return ` <${value.values.join("|")}>`;
  return value.kind === "number" ? " <n>" : "";
}
