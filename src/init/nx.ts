import { fieldError, parseJson, parseJsonc, readSource } from "../base/document.ts";
import { type AbsolutePath, resolvePath } from "../base/path.ts";
import { findShapeProblem, type Shape, type ValueOf } from "../base/schema.ts";
import { displayTaskId } from "../task/task.ts";
import { manifestPath } from "../workspace/manifest.ts";
import type { Package, PackageGraph } from "../workspace/package-graph.ts";
import {
  type Draft,
  type Fates,
  type Notes,
  noteFields,
  plainTask,
  type TaskDraft,
  type Wanted,
} from "./draft.ts";
import { nxCommands } from "./nx-commands.ts";
import { readNxInputs } from "./nx-inputs.ts";
import { type NxProject, type NxTarget, nxFileShape, nxProjectShape } from "./nx-shapes.ts";
import { rewriteCalls } from "./tool-calls.ts";

/** Whether Nx is set up there. */
export function hasNx(root: AbsolutePath): boolean {
  return readJsonFile(resolvePath(root, "nx.json"), nxFileShape) !== undefined;
}

/**
 * What `nx.json`, `project.json` and the `nx` blocks of `package.json` say of each package's targets,
 * as far as they are scripts or commands. Throws a UserError for a file that is malformed.
 */
export function draftFromNx(root: AbsolutePath, graph: PackageGraph): Draft {
  const file = readJsonFile(resolvePath(root, "nx.json"), nxFileShape) ?? {};
  const notes: Notes = { observed: new Set(), remarks: new Set() };
  noteFields(notes, "nx.json", file, topLevel);
  const context: Context = { file, graph, notes };
  const tasks = [...graph.packages.values()].flatMap((owner) => draftPackage(context, owner));
  const { edits, remarks } = rewriteCalls(graph, isNxCall, translateNxCall);
  for (const remark of remarks) notes.remarks.add(remark);
  notes.remarks.add(
    "targets that plugins of Nx infer, and projects without a package.json, are not seen: `nx show projects` and `nx show project <name>` list them",
  );
  return {
    source: "nx.json",
    tasks,
    observed: [...notes.observed],
    remarks: [...notes.remarks],
    edits,
  };
}

function isNxCall(text: string): boolean {
  return /(?:^|[\s;&|(])nx(?:\s|$)/.test(text);
}

/** `nx run-many -t build test` and `nx affected -t build`. */
function translateNxCall(text: string): string | undefined {
  const call = /^(?:npx )?nx (run-many|affected) (?:-t |--targets?[= ])([\w:., -]+)$/.exec(
    text.trim(),
  );
  const [, command, list = ""] = call ?? [];
  const names = list.split(/[ ,]+/).filter((name) => name !== "");
  if (names.length === 0 || names.some((name) => name.startsWith("-"))) return undefined;
  const selection = command === "affected" ? "--affected" : "-r";
  return names.map((name) => `vt run ${selection} ${name}`).join(" && ");
}

type NxFile = ValueOf<typeof nxFileShape>;

type Context = {
  readonly file: NxFile;
  readonly graph: PackageGraph;
  readonly notes: Notes;
};

function readJsonFile<const S extends Shape>(path: AbsolutePath, shape: S): ValueOf<S> | undefined {
  const source = readSource(path, "config-invalid");
  if (source === undefined) return undefined;
  const document = path.endsWith("package.json") ? parseJson(source) : parseJsonc(source);
  const problem = findShapeProblem(document.data, shape);
  if (problem !== undefined) throw fieldError(document, problem);
  return document.data as ValueOf<S>;
}

const topLevel: Fates = {
  $schema: "taken",
  targetDefaults: "taken",
  namedInputs: "observed",
  parallel: "set `VT_CONCURRENCY` where vt runs, or give `--concurrency-limit`",
  cacheDirectory: "set `VT_CACHE_DIR` where vt runs",
  defaultBase: "name it: `vt run --affected=<ref>`",
  affected: "name the base: `vt run --affected=<ref>`",
  nxCloudId: "vt has no cache that several machines share",
  nxCloudAccessToken: "vt has no cache that several machines share",
  tasksRunnerOptions: "which operations are cached is taken over, the rest is not",
  plugins: "vt runs scripts and commands, and has no plugins",
  generators: "vt generates no code",
  release: "vt releases nothing",
};

const ofTarget: Fates = {
  executor: "taken",
  command: "taken",
  options: "taken",
  dependsOn: "taken",
  cache: "taken",
  continuous: "taken",
  inputs: "observed",
  outputs: "observed",
  metadata: "taken",
  configurations: "a task has one form; make one task of each configuration that is used",
  defaultConfiguration: "a task has one form; make one task of each configuration that is used",
  parallelism: "`dependsOn` can keep two tasks apart",
};

function draftPackage(context: Context, owner: Package): readonly TaskDraft[] {
  const project = readJsonFile(resolvePath(owner.directory, "project.json"), nxProjectShape);
  const inManifest = readJsonFile(manifestPath(owner.directory), {
    kind: "object",
    isOpen: true,
    fields: { nx: nxProjectShape },
  } as const)?.nx;
  const own = { ...inManifest?.targets, ...project?.targets };
  const defaults = context.file.targetDefaults ?? {};
  const scripts = [...owner.manifest.scripts]
    .filter(([name, text]) => Object.hasOwn(defaults, name) && !isNxCall(text))
    .map(([name]) => name);
  const names = new Set([...Object.keys(own), ...scripts]);
  return [...names].flatMap((name) => {
    const target = own[name] ?? {};
    const base = defaults[target.executor ?? ""] ?? defaults[name] ?? {};
    const merged: NxTarget = {
      ...base,
      ...target,
      options: { ...base.options, ...target.options },
    };
    noteFields(context.notes, "Nx targets", merged, ofTarget);
    return draftTarget(context, { owner, name, target: merged, project }) ?? [];
  });
}

type Definition = {
  readonly owner: Package;
  readonly name: string;
  readonly target: NxTarget;
  readonly project: NxProject | undefined;
};

function draftTarget(context: Context, definition: Definition): TaskDraft | undefined {
  const { owner, name, target, project } = definition;
  const { file, notes } = context;
  const place = displayTaskId({ packageName: owner.name, task: name });
  const runs = nxCommands(owner, name, target);
  for (const remark of runs.remarks) notes.remarks.add(`${place}: ${remark}`);
  if (runs.kind === "unknown") return undefined;
  const isEndless = target.continuous === true;
  const named = { ...file.namedInputs, ...project?.namedInputs };
  const inputs = readNxInputs(target.inputs ?? [], named);
  for (const remark of inputs.remarks) notes.remarks.add(remark);
  const cacheable = file.tasksRunnerOptions?.["default"]?.options?.cacheableOperations ?? [];
  return {
    ...plainTask(owner, name),
    commands: runs.commands,
    cwd: runs.cwd,
    dependsOn: (target.dependsOn ?? []).flatMap((entry) => {
      const wanted = readWanted(context.graph, entry);
      if (wanted.length === 0)
        notes.remarks.add(
          `${place} depends on \`${JSON.stringify(entry)}\`, which vt cannot be told`,
        );
      return wanted;
    }),
    isCached: !isEndless && (target.cache ?? cacheable.includes(name)),
    isEndless,
    env: inputs.env,
    without: {
      input: inputs.without,
      output: readNxInputs(
        (target.outputs ?? []).filter((glob) => glob.startsWith("!")),
        {},
      ).without,
    },
  };
}

type DependsOn = NonNullable<NxTarget["dependsOn"]>[number];

function readWanted(graph: PackageGraph, entry: DependsOn): readonly Wanted[] {
  if (typeof entry === "string") return readName(graph, entry);
  const { target, dependencies, projects } = entry;
  if (dependencies === true || projects === "dependencies")
    return [{ kind: "upstream", task: target }];
  if (projects === undefined || projects === "self" || projects === "{self}")
    return readName(graph, target);
  const names = typeof projects === "string" ? [projects] : projects;
  return names.flatMap((name) => readName(graph, `${name}:${target}`));
}

/** `^build`, `build`, or `project:build`. */
function readName(graph: PackageGraph, text: string): readonly Wanted[] {
  if (text.startsWith("^")) return [{ kind: "upstream", task: text.slice(1) }];
  const colon = text.indexOf(":");
  const owner = colon === -1 ? undefined : graph.byName.get(text.slice(0, colon))?.[0];
  if (owner !== undefined) return [{ kind: "of", owner, task: text.slice(colon + 1) }];
  return [{ kind: "own", task: text }];
}
