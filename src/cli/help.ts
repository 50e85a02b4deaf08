import { describeOption, type Option } from "../base/options.ts";
import { runOptionTable } from "../task/run-options.ts";
import { cacheOptionTable } from "./cache-command.ts";
import {
  commandNames,
  completionOptionTable,
  type HelpTopic,
  ownOptionTable,
  schemaOptionTable,
} from "./command.ts";
import { initOptionTable } from "./init-command.ts";
import { graphOptionTable, lsOptionTable, whyOptionTable } from "./look-commands.ts";
import { toolOptionTable } from "./tool-command.ts";

/** What `--help` shows: plain text, at most 80 columns wide. */
export function helpText(topic: HelpTopic): string {
  return `${pages[topic]().join("\n\n")}\n`;
}

const pages: Readonly<Record<HelpTopic, () => readonly string[]>> = {
  vt: () => [
    paragraph(
      "Runs the tasks of a JavaScript monorepo, and replays those whose inputs are as they were.",
    ),
    section("Usage", [
      "vt run [options] <task> [arguments]",
      "vt ls [options]",
      "vt why [options] <task> [arguments]",
      "vt graph [options] <task> [arguments]",
      "vt cache <command> [options]",
      "vt tool <command> [arguments]",
      "vt init [options]",
    ]),
    section("Commands", columns(commands)),
    section("Options", optionLines(ownOptionTable)),
    "`vt <command> --help` tells more.",
  ],
  run: () => [
    paragraph("Runs a task, and before it what it depends on."),
    section("Usage", ["vt run [options] <task> [arguments]"]),
    section("Task", columns(taskForms)),
    section("Options", optionLines(runOptionTable)),
    section("Environment", columns(variables)),
    "Options of vt stand before the task. What follows the task is handed to it.",
  ],
  ls: () => [
    paragraph("Lists tasks and scripts, those of this package first, and what each runs."),
    section("Usage", ["vt ls [options]"]),
    section("Options", optionLines(lsOptionTable)),
  ],
  why: () => [
    paragraph(
      "Tells of each step of a run whether it would hit or miss, and everything in which it differs from the last result. Runs nothing.",
    ),
    section("Usage", ["vt why [options] <task> [arguments]"]),
    section("Task", columns(taskForms)),
    section("Options", optionLines(whyOptionTable)),
  ],
  graph: () => [
    paragraph(
      "Draws what would run and in which order, with what became of it in the last run. Runs nothing.",
    ),
    section("Usage", ["vt graph [options] <task> [arguments] > <file>"]),
    section("Task", columns(taskForms)),
    section("Options", optionLines(graphOptionTable)),
  ],
  cache: () => [
    paragraph(
      "Looks after the results that vt keeps in `node_modules/.vt` of the workspace root, or in `VT_CACHE_DIR`.",
    ),
    section("Usage", ["vt cache <command> [options]"]),
    section("Commands", columns(cacheCommands)),
    section("Options", optionLines(cacheOptionTable)),
  ],
  init: () => [
    paragraph(
      "Writes a first vite-task.json for each package, from the settings of Turborepo, Nx or wireit or from what scripts are called, and says what it could not take over. Overwrites nothing.",
    ),
    section("Usage", ["vt init [options]"]),
    section("Options", optionLines(initOptionTable)),
  ],
  schema: () => [
    paragraph(
      "Prints the JSON Schema of vite-task.json, made from what vt itself checks: name the file in `$schema`.",
    ),
    section("Usage", ["vt schema [options] > <file>"]),
    section("Options", optionLines(schemaOptionTable)),
  ],
  completion: () => [
    paragraph(
      "Prints a script for a shell, which then completes commands, options, packages and tasks.",
    ),
    section("Usage", shellForms),
    section("Options", optionLines(completionOptionTable)),
  ],
  tool: () => [
    paragraph(
      "For scripts that vt runs: tells vt what it cannot see. Outside of a cached task there is nobody to tell; get-env and get-envs then read the environment.",
    ),
    section("Usage", ["vt tool <command> [options] [arguments]"]),
    section("Commands", columns(toolCommands)),
    section("Options", optionLines(toolOptionTable)),
  ],
};

type Row = readonly [term: string, about: string];

/** What each command does, in a few words. */
export const commandAbouts: Readonly<Record<(typeof commandNames)[number], string>> = {
  run: "Run a task of this package, or of many",
  ls: "List tasks",
  why: "Tell what would hit or miss, and why",
  graph: "Draw a plan as Mermaid, Graphviz or HTML",
  cache: "Look after the stored results",
  tool: "From within a task: say what is no input, or no output",
  init: "Write a first vite-task.json, also from Turborepo, Nx or wireit",
  schema: "Print the JSON Schema of vite-task.json, for editors",
  completion: "Print a script that completes tasks in a shell",
  help: "Show what a command does",
};

const commandForms: Readonly<Record<(typeof commandNames)[number], string>> = {
  run: "run <task>",
  ls: "ls",
  why: "why <task>",
  graph: "graph <task>",
  cache: "cache <command>",
  tool: "tool <command>",
  init: "init",
  schema: "schema",
  completion: "completion <shell>",
  help: "help [command]",
};

const commands: readonly Row[] = commandNames.map((name) => [
  commandForms[name],
  commandAbouts[name],
]);

const cacheCommands: readonly Row[] = [
  ["info", "Show how many there are, how large and how old"],
  ["prune", "Delete what is over the limits, the longest unused first"],
  ["verify", "Read all of them and name what is damaged"],
  ["clean", "Delete all of them"],
];

const toolCommands: readonly Row[] = [
  ["ignore-input <path…>", "What is read there, or below, is no input"],
  ["ignore-output <path…>", "What is written there, or below, is no output"],
  ["disable-cache", "The result of this task is not to be stored"],
  ["get-env <name>", "Print a variable, also one that the task does not list"],
  ["get-envs <pattern>", "Print each variable that matches, as NAME=value"],
];

const shellForms = [
  'bash:        eval "$(vt completion bash)" in ~/.bashrc',
  'zsh:         eval "$(vt completion zsh)" in ~/.zshrc, after compinit',
  "fish:        vt completion fish | source, in ~/.config/fish/config.fish",
  "PowerShell:  vt completion powershell | Out-String | iex, in $PROFILE",
];

const taskForms: readonly Row[] = [
  ["build", "A task or script of the package around the current directory"],
  ["app#build", "The same of the package `app`"],
];

const variables: readonly Row[] = [
  ["VT_CACHE", "`off`, `read` or `read-write` (default)"],
  ["VT_CACHE_DIR", "Where results are kept, absolute or from the root"],
  ["VT_CONCURRENCY", "Stands in for --concurrency-limit"],
];

function paragraph(text: string): string {
  return wrap(text, lineWidth).join("\n");
}

function section(title: string, lines: readonly string[]): string {
  return [`${title}:`, ...lines.map((line) => `  ${line}`)].join("\n");
}

function optionLines(table: readonly Option[]): readonly string[] {
  return columns(table.map((option) => [optionTerm(option), option.about]));
}

function optionTerm(option: Option): string {
  const term = describeOption(option);
  const aligned = option.short === undefined ? `    ${term}` : term;
  return option.value.kind === "on-off" ? aligned.replace("--", "--[no-]") : aligned;
}

const lineWidth = 80;
const indent = 2;
const termWidthMax = 28;

/** Terms on the left, what they mean on the right; a long term has a line to itself. */
function columns(rows: readonly Row[]): readonly string[] {
  const fitting = rows.map(([term]) => term.length).filter((length) => length <= termWidthMax);
  const width = Math.max(...fitting) + indent;
  return rows.flatMap(([term, about]) => {
    const lines = wrap(about, lineWidth - indent - width).map((line) => " ".repeat(width) + line);
    const [first = "", ...more] = lines;
    return term.length > width - indent
      ? [term, ...lines]
      : [term + first.slice(term.length), ...more];
  });
}

/** Lines of at most `width` characters, broken at spaces. */
function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const longer = `${lines.at(-1) ?? ""} ${word}`;
    if (lines.length > 0 && longer.length <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}
