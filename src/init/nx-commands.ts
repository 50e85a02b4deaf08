import type { Package } from "../workspace/package-graph.ts";
import { withVariables } from "./command-text.ts";
import type { NxTarget } from "./nx-shapes.ts";

export type NxCommands =
  | {
      readonly kind: "known";
      /** Undefined: the script with the target's name. */
      readonly commands: readonly string[] | undefined;
      readonly cwd: string;
      readonly remarks: readonly string[];
    }
  | { readonly kind: "unknown"; readonly remarks: readonly string[] };

/** What a target runs, as far as it is a script, a command, or nothing at all. */
export function nxCommands(owner: Package, name: string, target: NxTarget): NxCommands {
  const { executor, options = {} } = target;
  const script = executor === "nx:run-script" ? (options.script ?? name) : undefined;
  const isPlain = executor === undefined && target.command === undefined;
  if (executor === "nx:noop") return { kind: "known", commands: [], cwd: "", remarks: [] };
  if (script !== undefined || (isPlain && owner.manifest.scripts.has(name)))
    return runScript(owner, name, script ?? name);
  const isCommand =
    executor === "nx:run-commands" || (executor === undefined && target.command !== undefined);
  if (!isCommand)
    return {
      kind: "unknown",
      remarks: [
        executor === undefined
          ? "left out: neither a command nor a script of that name is there"
          : `left out: write the command that the executor \`${executor}\` stands for`,
      ],
    };
  if (owner.manifest.scripts.has(name))
    return {
      kind: "unknown",
      remarks: ["left out: it and a script have one name; rename one of them"],
    };
  return runCommands(owner, target);
}

function runScript(owner: Package, name: string, script: string): NxCommands {
  const text = owner.manifest.scripts.get(script);
  if (text === undefined)
    return { kind: "unknown", remarks: [`left out: there is no script \`${script}\``] };
  const commands = script === name ? undefined : [text];
  return { kind: "known", commands, cwd: "", remarks: [] };
}

const knownOptions = ["command", "commands", "cwd", "env", "parallel"];

function runCommands(owner: Package, { command, options = {} }: NxTarget): NxCommands {
  const { commands = [] } = options;
  const single = command ?? options.command;
  const texts =
    single === undefined
      ? commands.map((entry) => (typeof entry === "string" ? entry : entry.command))
      : [single];
  const isAtOnce = texts.length > 1 && options.parallel !== false;
  // Nx starts commands in the root of the workspace.
  const directory = fill(options.cwd ?? "", { projectRoot: owner.path, workspaceRoot: "." });
  const values = {
    projectRoot: pathBetween(normal(directory), owner.path),
    workspaceRoot: pathBetween(normal(directory), ""),
    projectName: owner.name,
  };
  const variables = Object.entries(options.env ?? {});
  const filled = texts.map((text) => withVariables(variables, fill(text, values)));
  const cwd = pathBetween(owner.path, normal(directory));
  const strange = Object.keys(options).filter((name) => !knownOptions.includes(name));
  return {
    kind: "known",
    commands: filled,
    cwd: cwd === "." ? "" : cwd,
    remarks: [
      ...strange.map((name) => `the option \`${name}\` of its commands is not taken over`),
      ...(isAtOnce ? ["its commands ran at once, and run one after another now"] : []),
      ...filled
        .filter((text) => /\{[\w.]+\}/.test(text))
        .map((text) => `\`${text}\` has a placeholder that vt does not fill in`),
    ],
  };
}

function fill(text: string, values: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\{(\w+)\}/g, (all, name: string) => values[name] ?? all);
}

/** Without `.` and empty parts. */
function normal(path: string): string {
  return path
    .split("/")
    .filter((part) => part !== "" && part !== ".")
    .join("/");
}

/** The way from one directory of the workspace to another: `../b`, `.` for the same. */
function pathBetween(from: string, to: string): string {
  const [here, there] = [from, to].map((path) => path.split("/").filter((part) => part !== ""));
  if (here === undefined || there === undefined) return to;
  const shared = here.findIndex((part, index) => part !== there[index]);
  const common = shared === -1 ? here.length : shared;
  const steps = [...here.slice(common).map(() => ".."), ...there.slice(common)];
  return steps.length === 0 ? "." : steps.join("/");
}
