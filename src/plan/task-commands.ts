import { UserError } from "../base/error.ts";
import { printable } from "../base/path.ts";
import type { Task } from "../task/task.ts";
import { parseCommandLine, type SimpleCommand } from "./command-line.ts";
import { quoteArguments, shell } from "./shell.ts";

/** One command of a task, with everything on it that the person who started vt has added. */
export type TaskCommand = SimpleCommand & {
  /** The script that it stands in, a pre or post script included; absent for an entry of `vite-task.json`. */
  readonly script?: string;
  /** Position in the task, its pre and post scripts included. */
  readonly index: number;
  /** Those of the person's arguments that went to this command. */
  readonly extraArgs: readonly string[];
  /** A script begins in the directory of the task, wherever the one before it went. */
  readonly isFirstOfScript: boolean;
  readonly isShell: boolean;
};

/**
 * The commands of a task in the order in which they run: its pre script, its own, its post script.
 * Extra arguments go to the last of its own.
 *
 * Throws a `UserError` when a command cannot be given to any system.
 */
export function commandsOf(
  task: Task,
  extraArgs: readonly string[],
  split: SplitText = splitText,
): TaskCommand[] {
  const { pre, post } = task.hooks;
  const name = task.id.task;
  const parts: Part[] = [{ script: name, texts: task.commands, extraArgs }];
  if (pre !== undefined) parts.unshift({ script: `pre${name}`, texts: [pre], extraArgs: [] });
  if (post !== undefined) parts.push({ script: `post${name}`, texts: [post], extraArgs: [] });
  return parts
    .flatMap((part) => commandsOfPart(part, split))
    .map(({ script, ...command }, index) => ({
      ...command,
      ...(task.origin !== "task" && { script }),
      index,
    }));
}

type Part = {
  readonly script: string;
  readonly texts: readonly string[];
  readonly extraArgs: readonly string[];
};

function commandsOfPart(
  { script, texts, extraArgs }: Part,
  split: SplitText,
): Omit<TaskCommand, "index">[] {
  const commands = texts.flatMap(split);
  return commands.map((command, index) => {
    const isLast = index === commands.length - 1;
    return {
      ...(isLast && extraArgs.length > 0 ? withArguments(command, extraArgs) : command),
      script,
      extraArgs: isLast ? extraArgs : [],
      isFirstOfScript: index === 0,
    };
  });
}

type Command = SimpleCommand & { readonly isShell: boolean };

/** The commands that the text of a task stands for. Throws a `UserError` as `commandsOf` does. */
export type SplitText = (text: string) => readonly Command[];

/** Remembers what it has read: in a large workspace many tasks have the same text. */
export function createSplitText(): SplitText {
  const known = new Map<string, readonly Command[]>();
  return (text) => {
    const commands = known.get(text) ?? splitText(text);
    known.set(text, commands);
    return commands;
  };
}

function splitText(text: string): Command[] {
  if (text.includes("\0")) {
    throw new UserError(`the command \`${printable(text)}\` contains a NUL character`, {
      code: "config-invalid",
      hint: "no program can be given one; take it out",
    });
  }
  const line = parseCommandLine(text);
  if (line.kind === "simple")
    return line.commands.map((command) => ({ ...command, isShell: false }));
  return [
    { assignments: [], words: [shell.name, ...shell.argumentsFor(text)], text, isShell: true },
  ];
}

function withArguments(command: Command, extraArgs: readonly string[]): Command {
  const quoted = quoteArguments(extraArgs);
  if (!command.isShell) {
    return { ...command, words: [...command.words, ...extraArgs], text: command.text + quoted };
  }
  return { ...command, words: [shell.name, ...shell.argumentsFor(command.text + quoted)] };
}
