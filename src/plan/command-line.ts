/** One command of a text: what stands between two `&&`. */
export type SimpleCommand = {
  /** The `NAME=value` in front of it, in order. */
  readonly assignments: readonly (readonly [name: string, value: string])[];
  /** The program, then its arguments, with quotes and backslashes resolved. Never empty. */
  readonly words: readonly [program: string, ...args: string[]];
  /** Its part of the text, as written. */
  readonly text: string;
};

export type CommandLine =
  | { readonly kind: "simple"; readonly commands: readonly SimpleCommand[] }
  /** The text means something that only a shell can do. */
  | { readonly kind: "shell" };

/**
 * Reads a command as a POSIX shell would. Only what is sure to mean the same without a shell is
 * taken apart: plain words joined by `&&`. Whatever else there is, a mistake included, is left for
 * the shell, so a script keeps the meaning that it has under `npm run`.
 */
export function parseCommandLine(text: string): CommandLine {
  const commands: SimpleCommand[] = [];
  let tokens: Word[] = [];
  let index = 0;
  for (;;) {
    index = skipBlanks(text, index);
    const isEnd = index === text.length;
    if (isEnd || text.startsWith("&&", index)) {
      const command = toCommand(text, tokens);
      if (command === undefined) return { kind: "shell" };
      commands.push(command);
      if (isEnd) return { kind: "simple", commands };
      tokens = [];
      index += "&&".length;
    } else {
      const word = readWord(text, index);
      if (word === undefined) return { kind: "shell" };
      tokens.push(word);
      index = word.end;
    }
  }
}

type Word = {
  readonly value: string;
  readonly start: number;
  readonly end: number;
  /** How much of `value`, from its beginning, was written without quotes and backslashes. */
  readonly plainLength: number;
};

/** Operators, expansions, patterns, and the braces that bash expands even when it is called `sh`. */
const shellOnly = new Set("|&;<>()$`*?[{}\n");
const shellOnlyInDoubleQuotes = new Set("$`");
const escapableInDoubleQuotes = new Set('"\\');

function skipBlanks(text: string, start: number): number {
  let index = start;
  while (text[index] === " " || text[index] === "\t") index += 1;
  return index;
}

/** Undefined where the word needs a shell. */
function readWord(text: string, start: number): Word | undefined {
  if (text[start] === "#") return undefined;
  let value = "";
  let plainLength: number | undefined;
  let index = start;
  while (index < text.length && !isWordEnd(text, index)) {
    const character = text[index] ?? "";
    if (character === "'" || character === '"' || character === "\\") {
      plainLength ??= value.length;
      const quoted = readQuoted(text, index);
      if (quoted === undefined) return undefined;
      value += quoted.value;
      index = quoted.end;
    } else {
      if (shellOnly.has(character) || isTildePrefix(text, index, start)) return undefined;
      value += character;
      index += 1;
    }
  }
  return { value, start, end: index, plainLength: plainLength ?? value.length };
}

function isWordEnd(text: string, index: number): boolean {
  return text[index] === " " || text[index] === "\t" || text.startsWith("&&", index);
}

/** A shell expands `~` at the start of a word and, in what looks like an assignment, after `=` and `:`. */
function isTildePrefix(text: string, index: number, start: number): boolean {
  if (text[index] !== "~") return false;
  const before = text[index - 1];
  return index === start || before === "=" || before === ":";
}

/** What begins at `start` with a quote or a backslash; undefined where it does not end. */
function readQuoted(text: string, start: number): { value: string; end: number } | undefined {
  if (text[start] === '"') return readDoubleQuoted(text, start);
  if (text[start] === "'") {
    const end = text.indexOf("'", start + 1);
    return end < 0 ? undefined : { value: text.slice(start + 1, end), end: end + 1 };
  }
  const escaped = text[start + 1];
  if (escaped === undefined || escaped === "\n") return undefined;
  return { value: escaped, end: start + 2 };
}

function readDoubleQuoted(text: string, start: number): { value: string; end: number } | undefined {
  let value = "";
  let index = start + 1;
  while (index < text.length) {
    const character = text[index] ?? "";
    if (character === '"') return { value, end: index + 1 };
    if (shellOnlyInDoubleQuotes.has(character)) return undefined;
    const next = text[index + 1] ?? "";
    if (character === "\\" && next === "\n") return undefined;
    const isEscape =
      character === "\\" &&
      (escapableInDoubleQuotes.has(next) || shellOnlyInDoubleQuotes.has(next));
    value += isEscape ? next : character;
    index += isEscape ? 2 : 1;
  }
  return undefined;
}

/** Undefined where the words are no command that could run without a shell. */
function toCommand(text: string, tokens: readonly Word[]): SimpleCommand | undefined {
  const assignments: (readonly [string, string])[] = [];
  for (const token of tokens) {
    const assignment = toAssignment(token);
    if (assignment === undefined) break;
    assignments.push(assignment);
  }
  const [program, ...args] = tokens.slice(assignments.length);
  const first = tokens[0];
  if (program === undefined || first === undefined || isShellCommand(program, args[0]))
    return undefined;
  return {
    assignments,
    words: [program.value, ...args.map((word) => word.value)],
    text: text.slice(first.start, (args.at(-1) ?? program).end),
  };
}

function toAssignment(word: Word): readonly [string, string] | undefined {
  const name = /^[A-Za-z_][A-Za-z0-9_]*(?==)/.exec(word.value)?.[0];
  if (name === undefined || word.plainLength <= name.length) return undefined;
  return [name, word.value.slice(name.length + 1)];
}

/** Words that begin or end a construct of the shell where they stand, unquoted, for a command. */
const reservedWords = new Set(
  "! if then else elif fi do done case esac while until for select function time coproc".split(" "),
);

/** Commands of the shell itself that act on the shell, or have no program of their own everywhere. */
const shellBuiltIns = new Set(
  (
    ". : source alias bg break command continue eval exec exit export fc fg getopts hash jobs local " +
    "popd pushd read readonly return set shift times trap type ulimit umask unalias unset wait"
  ).split(" "),
);

/** Whether a word in the place of the program means something else than a program to a shell. */
function isShellCommand(program: Word, firstArgument: Word | undefined): boolean {
  const isPlain = program.plainLength === program.value.length;
  if (isPlain && reservedWords.has(program.value)) return true;
  // `cd -` and `cd -P dir` are rare enough to leave to the shell; a plain `cd dir` is ours.
  if (program.value === "cd") return firstArgument?.value.startsWith("-") ?? false;
  return program.value === "" || shellBuiltIns.has(program.value);
}
