import { UserError } from "../base/error.ts";
import type { Host } from "../base/host.ts";
import type { Option } from "../base/options.ts";
import {
  isWithin,
  printable,
  toWorkspacePath,
  type WorkspacePath,
  workspacePath,
} from "../base/path.ts";
import type { Terminal } from "../report/terminal.ts";
import { runOptionTable } from "../task/run-options.ts";
import { nameTasks, typedName } from "../task/task-names.ts";
import { type Package, readPackages } from "../workspace/package-graph.ts";
import { findWorkspace } from "../workspace/root.ts";
import { cacheNames, cacheOptionTable } from "./cache-command.ts";
import { commandNames, ownOptionTable } from "./command.ts";
import { commandAbouts } from "./help.ts";
import { initOptionTable } from "./init-command.ts";
import { graphOptionTable, lsOptionTable, whyOptionTable } from "./look-commands.ts";
import { shells } from "./shells.ts";
import { toolNames, toolOptionTable } from "./tool-command.ts";

/** What may stand in place of the word that is being typed. */
type Candidate = { readonly text: string; readonly about: string };

/**
 * The hidden `vt complete`, which the scripts of `vt completion` call: prints what the last of `words`
 * can become, a line each, with a tab and a few words about it. Nothing where files may follow, and in
 * place of an error.
 */
export async function complete(
  words: readonly string[],
  host: Host,
  terminal: Terminal,
): Promise<number> {
  // The scripts put `=` in front of it, since some shells do not hand on an empty word.
  const current = (words.at(-1) ?? "").replace(/^=/, "");
  const candidates = await findCandidates(words.slice(0, -1), current, host);
  const lines = candidates
    .filter(({ text }) => text.startsWith(current) && harmless.test(text))
    .map(({ text, about }) => `${text}\t${printable(about.replace(/\s+/g, " "))}\n`);
  terminal.write("stdout", lines.join(""));
  return 0;
}

/** Whatever else is in a name would mean something to the shell that inserts it. */
const harmless = /^[\w@%+=:,./#~^-]+$/;

/** Of the commands that take a task, or packages. */
const tables: Readonly<Record<string, readonly Option[]>> = {
  run: runOptionTable,
  ls: lsOptionTable,
  why: whyOptionTable,
  graph: graphOptionTable,
};

async function findCandidates(
  [command, ...before]: readonly string[],
  current: string,
  host: Host,
): Promise<readonly Candidate[]> {
  if (command === undefined) {
    return current.startsWith("-") ? optionsOf(ownOptionTable) : namesOf(commandNames);
  }
  const table = tables[command];
  if (table !== undefined) return await completeTask(table, { command, before, current }, host);
  if (current.startsWith("-")) {
    if (command === "tool") return optionsOf(toolOptionTable);
    if (command === "init") return optionsOf(initOptionTable);
    return command === "cache" ? optionsOf(cacheOptionTable) : [];
  }
  if (before.length > 0) return [];
  if (command === "cache") return cacheNames.map((text) => ({ text, about: "" }));
  if (command === "tool") return toolNames.map((text) => ({ text, about: "" }));
  if (command === "completion") return shells.map((text) => ({ text, about: "" }));
  return command === "help" ? namesOf(commandNames) : [];
}

type Typed = {
  readonly command: string;
  readonly before: readonly string[];
  readonly current: string;
};

async function completeTask(
  table: readonly Option[],
  { command, before, current }: Typed,
  host: Host,
): Promise<readonly Candidate[]> {
  const place = findPlace(table, before);
  if (place.kind === "argument") return [];
  if (place.kind === "value") return await valuesOf(place.option, host);
  const [, name, typed] = /^--([^=]+)=(.*)$/s.exec(current) ?? [];
  if (name !== undefined && typed !== undefined) {
    const option = table.find((entry) => entry.name === name);
    const values = option === undefined ? [] : await valuesOf(option, host);
    return values.map(({ text, about }) => ({ text: `--${name}=${text}`, about }));
  }
  if (current.startsWith("-")) return optionsOf(table);
  return command === "ls" ? [] : await tasksHere(before, host);
}

type Place =
  | { readonly kind: "task" }
  | { readonly kind: "argument" }
  | { readonly kind: "value"; readonly option: Option };

/** What the next word is: the value of an option, a task, or something for the task. */
function findPlace(table: readonly Option[], words: readonly string[]): Place {
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? "";
    if (!word.startsWith("-")) return { kind: "argument" };
    if (word === "--") return { kind: index + 1 === words.length ? "task" : "argument" };
    const option = table.find(
      ({ name, short }) => word === `--${name}` || (short !== undefined && word === `-${short}`),
    );
    if (option === undefined || !hasOwnWord(option)) continue;
    index += 1;
    if (index === words.length) return { kind: "value", option };
  }
  return { kind: "task" };
}

function hasOwnWord({ value }: Option): boolean {
  return !["none", "on-off", "optional-text"].includes(value.kind);
}

async function valuesOf(option: Option, host: Host): Promise<readonly Candidate[]> {
  if (option.value.kind === "choice")
    return option.value.values.map((text) => ({ text, about: "" }));
  if (option.name !== "filter") return [];
  return (await readQuickly(host, ({ packages }) => packages))
    .filter(({ name }) => name !== "")
    .map(({ name, path }) => ({ text: name, about: path === "" ? "." : path }));
}

/** With an option for packages the names alone; else as one types them here. */
async function tasksHere(before: readonly string[], host: Host): Promise<readonly Candidate[]> {
  const isForSeveral = before.some((word) => /^(-[rtwF]|--(?!no-|cache|force))/.test(word));
  return await readQuickly(host, ({ packages, here }) => {
    const seen = new Map<string, Candidate>();
    for (const { id, commands } of nameTasks(packages)) {
      const text = isForSeveral ? id.task : typedName(id, here);
      if (!seen.has(text)) seen.set(text, { text, about: commands.join(" && ") });
    }
    return [...seen.values()];
  });
}

type Surroundings = {
  readonly packages: readonly Package[];
  /** The package around the current directory. */
  readonly here: WorkspacePath | undefined;
};

/** None where there is no workspace, or a mistake in it: this is no time to speak of it. */
async function readQuickly<T>(
  { cwd }: Host,
  list: (surroundings: Surroundings) => readonly T[],
): Promise<readonly T[]> {
  try {
    const workspace = await findWorkspace(cwd);
    const packages = readPackages(workspace);
    const place = toWorkspacePath(workspace.root, cwd) ?? workspacePath("");
    const around = packages.filter(({ path }) => isWithin(place, path));
    return list({ packages, here: around.at(-1)?.path });
  } catch (error) {
    if (error instanceof UserError) return [];
    throw error;
  }
}

function optionsOf(table: readonly Option[]): readonly Candidate[] {
  return table.flatMap(({ name, value, about }) => [
    { text: `--${name}`, about },
    ...(value.kind === "on-off" ? [{ text: `--no-${name}`, about }] : []),
  ]);
}

function namesOf(names: readonly (typeof commandNames)[number][]): readonly Candidate[] {
  return names.map((text) => ({ text, about: commandAbouts[text] }));
}
