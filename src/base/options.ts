import { parseAge, parseBytes } from "./amount.ts";
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
    | { readonly kind: "number" }
    /** Any text; `name` is how the help calls it. Given several times, all of them count. */
    | { readonly kind: "texts"; readonly name: string }
    /** `--name`, or `--name=text`. */
    | { readonly kind: "optional-text"; readonly name: string }
    /** A size such as `2GB`; its value is in bytes. */
    | { readonly kind: "bytes" }
    /** A length of time such as `30d`; its value is in milliseconds. */
    | { readonly kind: "age" };
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
      : Value extends { kind: "texts" }
        ? readonly string[]
        : Value extends { kind: "optional-text" }
          ? { readonly text: string | undefined }
          : number;

type Given = true | string | number | readonly string[] | { readonly text: string | undefined };

/**
 * Reads options up to the first argument that is none, or up to `--`, which is dropped; `rest` is
 * what follows, untouched. Of an option given twice the last one counts, but for `texts`. Throws a UserError for an
 * unknown option, a value that is missing or wrong, and `--x` beside `--no-x`; `otherwise` is the hint for an
 * option that none is near.
 */
export function parseOptions<const Table extends readonly Option[]>(
  table: Table,
  args: readonly string[],
  otherwise = "`--help` lists the options",
): { readonly values: OptionValues<Table>; readonly rest: readonly string[] } {
  const values = new Map<string, Given>();
  let index = 0;
  while (index < args.length) {
    const arg = args[index] ?? "";
    if (!arg.startsWith("-") || arg === "-") break;
    index += 1;
    if (arg === "--") break;
    for (const given of splitLetters(arg)) {
      const { option, isOff, inline } = findOption(table, given, otherwise);
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

type Argument = {
  readonly option: Option;
  readonly isOff: boolean;
  readonly inline: string | undefined;
};

function findOption(table: readonly Option[], arg: string, otherwise: string): Argument {
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
    hint: suggest(name, names) ?? otherwise,
  });
}

function hasText({ value }: Option): boolean {
  return value.kind !== "none" && value.kind !== "on-off" && value.kind !== "optional-text";
}

function readValue(option: Option, text: string | undefined): Given {
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
    case "texts":
      if (text !== undefined && text !== "") return [text];
      throw wrongValue(option, text, undefined);
    case "optional-text":
      return { text };
    case "bytes":
    case "age": {
      const amount = (value.kind === "bytes" ? parseBytes : parseAge)(text ?? "");
      if (amount !== undefined) return amount;
      throw wrongValue(option, text, undefined);
    }
  }
}

function set(values: Map<string, Given>, { name, value }: Option, given: Given): void {
  if (value.kind === "on-off" && values.has(name) && values.get(name) !== given) {
    throw usage(`\`--${name}\` and \`--no-${name}\` exclude each other`);
  }
  const before = values.get(name);
  values.set(name, Array.isArray(given) && Array.isArray(before) ? [...before, ...given] : given);
}

function wrongValue(option: Option, text: string | undefined, hint: string | undefined): UserError {
  const given =
    text === undefined || text === "" ? "nothing follows it" : `not \`${printable(text)}\``;
  const { value } = option;
  const expected = describeExpected(value);
  return usage(`\`--${option.name}\` takes ${expected}; ${given}`, hint);
}

function describeExpected(value: Option["value"]): string {
  switch (value.kind) {
    case "choice":
      return value.values.join(", ");
    case "texts":
      return `a ${value.name}`;
    case "bytes":
      return "a size, such as 500MB or 2GB";
    case "age":
      return "a length of time, such as 12h or 30d";
    default:
      return "a whole number";
  }
}

function usage(message: string, hint?: string): UserError {
  return new UserError(message, { code: "usage", hint });
}

function describeValue({ value }: Option): string {
  switch (value.kind) {
    case "choice":
      return ` <${value.values.join("|")}>`;
    case "texts":
      return ` <${value.name}>`;
    case "optional-text":
      return `[=<${value.name}>]`;
    case "number":
      return " <n>";
    case "bytes":
      return " <size>";
    case "age":
      return " <time>";
    default:
      return "";
  }
}
