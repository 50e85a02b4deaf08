import { fieldError, parseJson, readSource } from "../base/document.ts";
import { resolvePath } from "../base/path.ts";
import { findShapeProblem, type Shape, type ValueOf } from "../base/schema.ts";
import { displayTaskId } from "../task/task.ts";
import { manifestPath } from "../workspace/manifest.ts";
import type { Package, PackageGraph } from "../workspace/package-graph.ts";
import { withVariables } from "./command-text.ts";
import {
  type Draft,
  type Fates,
  type Notes,
  noteFields,
  plainTask,
  type ScriptEdit,
  type TaskDraft,
  type Wanted,
} from "./draft.ts";

/** Whether a package has scripts of wireit. */
export function hasWireit(graph: PackageGraph): boolean {
  return [...graph.packages.values()].some((owner) => Object.keys(readWireit(owner)).length > 0);
}

/**
 * What the `wireit` blocks of all packages say. Their commands go back to `scripts`, which is left to
 * the person. Throws a UserError for a block that is malformed.
 */
export function draftFromWireit(graph: PackageGraph): Draft {
  const notes: Notes = { observed: new Set(), remarks: new Set() };
  const edits: ScriptEdit[] = [];
  const tasks = [...graph.packages.values()].flatMap((owner) =>
    Object.entries(readWireit(owner)).map(([name, script]) => {
      noteFields(notes, "wireit", script, fates);
      const edit = editFor(owner, name, script);
      if (edit !== undefined) edits.push(edit);
      return draftTask({ graph, notes }, { owner, name, script });
    }),
  );
  return {
    source: "wireit",
    tasks,
    observed: [...notes.observed],
    remarks: [...notes.remarks],
    edits,
  };
}

const texts = { kind: "list", items: { kind: "text" } } as const;

const scriptShape = {
  kind: "object",
  isOpen: true,
  fields: {
    command: { kind: "text" },
    dependencies: {
      kind: "list",
      items: {
        kind: "either",
        shapes: [
          { kind: "text" },
          {
            kind: "object",
            isOpen: true,
            fields: { script: { kind: "text" } },
            required: ["script"],
          },
        ],
      },
    },
    files: texts,
    output: texts,
    env: {
      kind: "map",
      values: {
        kind: "either",
        shapes: [
          { kind: "text" },
          {
            kind: "object",
            isOpen: true,
            fields: { external: { kind: "boolean" }, default: { kind: "text" } },
          },
        ],
      },
    },
    service: {
      kind: "either",
      shapes: [{ kind: "boolean" }, { kind: "object", isOpen: true, fields: {} }],
    },
  },
} as const;

const manifestShape = {
  kind: "object",
  isOpen: true,
  fields: { wireit: { kind: "map", values: scriptShape } },
} as const satisfies Shape;

type WireitScript = ValueOf<typeof scriptShape>;

function readWireit(owner: Package): Readonly<Record<string, WireitScript>> {
  const source = readSource(manifestPath(owner.directory), "manifest-invalid");
  if (source === undefined) return {};
  const document = parseJson(source);
  const problem = findShapeProblem(document.data, manifestShape);
  if (problem !== undefined) throw fieldError(document, problem);
  return (document.data as ValueOf<typeof manifestShape>).wireit ?? {};
}

const fates: Fates = {
  command: "taken",
  dependencies: "taken",
  env: "taken",
  service: "taken",
  files: "observed",
  output: "observed",
  packageLocks: "observed",
  allowUsuallyExcludedPaths: "observed",
  clean:
    "vt deletes nothing before a task runs; put `rm -rf` in front of the command if it needs that",
};

type Definition = {
  readonly owner: Package;
  readonly name: string;
  readonly script: WireitScript;
};

type Context = { readonly graph: PackageGraph; readonly notes: Notes };

function draftTask(context: Context, { owner, name, script }: Definition): TaskDraft {
  const { notes } = context;
  const place = displayTaskId({ packageName: owner.name, task: name });
  const isEndless = script.service !== undefined && script.service !== false;
  if (isEndless)
    notes.remarks.add(
      `${place} is a service: vt does not start and stop it with those that need it`,
    );
  const { external, remarks } = variablesOf(script);
  for (const remark of remarks) notes.remarks.add(`${place}: ${remark}`);
  const isScript = owner.manifest.scripts.has(name) && script.command !== undefined;
  return {
    ...plainTask(owner, name),
    ...(!isScript && { commands: script.command === undefined ? [] : [scriptText(script)] }),
    dependsOn: (script.dependencies ?? []).flatMap((entry) => {
      const text = typeof entry === "string" ? entry : entry.script;
      const wanted = readWanted(context, owner, text);
      if (wanted === undefined)
        notes.remarks.add(
          `${place} depends on \`${text}\`, which is in no package of the workspace`,
        );
      return wanted ?? [];
    }),
    // Without `files` wireit runs a script every time.
    isCached: !isEndless && (script.command === undefined || script.files !== undefined),
    isEndless,
    env: external,
    without: { input: negatives(script.files), output: negatives(script.output) },
  };
}

function variablesOf({ env = {} }: WireitScript): {
  readonly external: readonly string[];
  readonly remarks: readonly string[];
} {
  const external: string[] = [];
  const remarks: string[] = [];
  for (const [name, value] of Object.entries(env)) {
    if (typeof value === "string") continue;
    external.push(name);
    if (value.default !== undefined)
      remarks.push(`the default of ${name}, \`${value.default}\`, has to be set where vt runs`);
  }
  return { external, remarks };
}

/** The command, with the variables that it is always given. */
function scriptText({ command = "", env = {} }: WireitScript): string {
  const given = Object.entries(env).flatMap(([name, value]) =>
    typeof value === "string" ? [[name, value] as const] : [],
  );
  return withVariables(given, command);
}

function editFor(owner: Package, name: string, script: WireitScript): ScriptEdit | undefined {
  if (!owner.manifest.scripts.has(name)) return undefined;
  return {
    owner,
    script: name,
    text: script.command === undefined ? undefined : scriptText(script),
  };
}

function readWanted({ graph }: Context, from: Package, text: string): Wanted | undefined {
  const colon = text.indexOf(":");
  if (!text.startsWith(".") || colon === -1) return { kind: "own", task: text };
  const directory = resolvePath(from.directory, text.slice(0, colon));
  const owner = [...graph.packages.values()].find((entry) => entry.directory === directory);
  return owner && { kind: "of", owner, task: text.slice(colon + 1) };
}

function negatives(globs: readonly string[] = []): readonly string[] {
  return globs.filter((glob) => glob.startsWith("!"));
}
