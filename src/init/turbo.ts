import { type Document, fieldError, parseJsonc, readSource } from "../base/document.ts";
import { type AbsolutePath, resolvePath } from "../base/path.ts";
import { findShapeProblem, type Shape, type ValueOf } from "../base/schema.ts";
import type { GlobEntries } from "../task/config-schema.ts";
import { displayPackage, type Package, type PackageGraph } from "../workspace/package-graph.ts";
import {
  type Draft,
  type Fates,
  type Notes,
  noteFields,
  plainTask,
  type TaskDraft,
  type Wanted,
} from "./draft.ts";
import { rewriteCalls } from "./tool-calls.ts";

/** Whether Turborepo is set up there. */
export function hasTurbo(root: AbsolutePath): boolean {
  return readTurboFile(root) !== undefined;
}

/**
 * What `turbo.json`, of version 1 or 2, says of the scripts of each package. Throws a UserError for one
 * that is malformed.
 */
export function draftFromTurbo(root: AbsolutePath, graph: PackageGraph): Draft {
  const file = readTurboFile(root) ?? {};
  const notes: Notes = { observed: new Set(), remarks: new Set() };
  noteFields(notes, "turbo.json", file, topLevel);
  const tasks = [...graph.packages.values()].flatMap((owner) =>
    draftPackage({ file, graph, notes }, owner),
  );
  const endless = new Set(tasks.filter(({ isEndless }) => isEndless).map(({ name }) => name));
  const { edits, remarks } = rewriteCalls(graph, isTurboCall, (text) => translate(text, endless));
  return {
    source: "turbo.json",
    tasks,
    observed: [...notes.observed],
    remarks: [...notes.remarks, ...remarks],
    edits,
  };
}

function isTurboCall(text: string): boolean {
  return /(?:^|[\s;&|(])turbo(?:\s|$)/.test(text);
}

/** `turbo run build test`; undefined for a call with options, which may mean anything. */
function translate(text: string, endless: ReadonlySet<string>): string | undefined {
  const [, list] = /^turbo(?:\s+run)?((?:\s+[\w:.][\w:.-]*)+)$/.exec(text.trim()) ?? [];
  return (
    list
      ?.trim()
      .split(/\s+/)
      // In order, nothing would start behind what does not end.
      .map((name) => `vt run -r ${endless.has(name) ? "--parallel " : ""}${name}`)
      .join(" && ")
  );
}

const texts = { kind: "list", items: { kind: "text" } } as const;
const textsOrNull = { kind: "either", shapes: [texts, { kind: "nothing" }] } as const;

const taskShape = {
  kind: "object",
  isOpen: true,
  fields: {
    dependsOn: texts,
    inputs: texts,
    outputs: texts,
    env: texts,
    passThroughEnv: textsOrNull,
    cache: { kind: "boolean" },
    persistent: { kind: "boolean" },
    extends: { kind: "boolean" },
  },
} as const;

const fileShape = {
  kind: "object",
  isOpen: true,
  fields: {
    extends: texts,
    tasks: { kind: "map", values: taskShape },
    /** What version 1 called it. */
    pipeline: { kind: "map", values: taskShape },
    globalEnv: texts,
    globalPassThroughEnv: textsOrNull,
    globalDependencies: texts,
  },
} as const satisfies Shape;

type TurboFile = ValueOf<typeof fileShape>;
type TurboTask = ValueOf<typeof taskShape>;

function readTurboFile(directory: AbsolutePath): TurboFile | undefined {
  for (const name of ["turbo.json", "turbo.jsonc"]) {
    const source = readSource(resolvePath(directory, name), "config-invalid");
    if (source === undefined) continue;
    const document: Document = parseJsonc(source);
    const problem = findShapeProblem(document.data, fileShape);
    if (problem !== undefined) throw fieldError(document, problem);
    return document.data as TurboFile;
  }
  return undefined;
}

const topLevel: Fates = {
  $schema: "taken",
  extends: "taken",
  tasks: "taken",
  pipeline: "taken",
  globalEnv: "taken",
  globalPassThroughEnv: "taken",
  globalDependencies: "observed",
  globalDotEnv: "observed",
  ui: "how a run looks is chosen by `--log`",
  cacheDir: "set `VT_CACHE_DIR` where vt runs",
  concurrency: "set `VT_CONCURRENCY` where vt runs, or give `--concurrency-limit`",
  envMode: "a cached task gets the variables it lists and a few built-in ones, always",
  remoteCache: "vt has no cache that several machines share",
};

const ofTask: Fates = {
  dependsOn: "taken",
  env: "taken",
  passThroughEnv: "taken",
  cache: "taken",
  persistent: "taken",
  extends: "taken",
  inputs: "observed",
  outputs: "observed",
  dotEnv: "observed",
  description: "a comment in `vite-task.json` can say it",
  outputLogs: "`vt run --quiet` shows only what failed",
  outputMode: "`vt run --quiet` shows only what failed",
  interactive: "a task that is not cached and runs alone has the terminal",
  with: "start both by `vt run --parallel`",
};

type Context = {
  readonly file: TurboFile;
  readonly graph: PackageGraph;
  readonly notes: Notes;
};

function draftPackage(context: Context, owner: Package): readonly TaskDraft[] {
  const tasks = definitionsOf(context, owner);
  return [...tasks].map(([name, task]) => {
    noteFields(context.notes, "turbo.json", task, ofTask);
    return draftTask(context, { owner, name, task });
  });
}

/** Every task that Turborepo knows for a package, whether or not the package has such a script. */
function definitionsOf({ file, notes }: Context, owner: Package): ReadonlyMap<string, TurboTask> {
  const isRoot = owner.path === "";
  const found = new Map<string, TurboTask>();
  const all = Object.entries(file.tasks ?? file.pipeline ?? {});
  const prefix = isRoot ? "//#" : `${owner.name}#`;
  for (const [name, task] of all) if (!isRoot && !name.includes("#")) found.set(name, task);
  for (const [name, task] of all)
    if (name.startsWith(prefix)) found.set(name.slice(prefix.length), task);
  if (isRoot) return found;
  const own = readTurboFile(owner.directory);
  if (own === undefined) return found;
  noteFields(notes, "turbo.json", own, topLevel);
  for (const [name, task] of Object.entries(own.tasks ?? own.pipeline ?? {})) {
    const base = task.extends === false ? {} : (found.get(name) ?? {});
    if (task.extends === false && Object.keys(task).length === 1) found.delete(name);
    else found.set(name, extended(base, task));
  }
  return found;
}

const inherited = "$TURBO_EXTENDS$";

function extended(base: TurboTask, task: TurboTask): TurboTask {
  const merged: TurboTask = { ...base, ...task };
  const lists = (["dependsOn", "inputs", "outputs", "env", "passThroughEnv"] as const).map(
    (name) => {
      const list = task[name];
      if (!list?.includes(inherited)) return {};
      return { [name]: [...(base[name] ?? []), ...list.filter((text) => text !== inherited)] };
    },
  );
  return Object.assign({}, merged, ...lists);
}

type Definition = {
  readonly owner: Package;
  readonly name: string;
  readonly task: TurboTask;
};

function draftTask(context: Context, { owner, name, task }: Definition): TaskDraft {
  const { file, notes } = context;
  const hasScript = owner.manifest.scripts.has(name);
  const isEndless = task.persistent === true;
  const dependsOn = task.dependsOn ?? [];
  const variables = [...dependsOn, ...(file.globalDependencies ?? [])]
    // Version 1 named variables so.
    .filter((text) => /^\$\w+$/.test(text))
    .map((text) => text.slice(1));
  const place = `${displayPackage(owner)}#${name}`;
  return {
    ...plainTask(owner, name),
    ...(!hasScript && { commands: [], isPassage: true }),
    dependsOn: dependsOn
      .filter((text) => !text.startsWith("$"))
      .flatMap((text) => {
        const wanted = readWanted(text, context);
        if (wanted === undefined && hasScript)
          notes.remarks.add(
            `${place} depends on \`${text}\`, a package that is not in the workspace`,
          );
        return wanted ?? [];
      }),
    isCached: task.cache !== false && !isEndless,
    isEndless,
    env: [...(file.globalEnv ?? []), ...variables, ...(task.env ?? [])],
    untrackedEnv: [...(file.globalPassThroughEnv ?? []), ...(task.passThroughEnv ?? [])],
    without: { input: negatives(task.inputs), output: negatives(task.outputs) },
  };
}

function readWanted(text: string, { graph }: Context): Wanted | undefined {
  if (text.startsWith("^")) return { kind: "upstream", task: text.slice(1) };
  const hash = text.indexOf("#");
  if (hash === -1) return { kind: "own", task: text };
  const name = text.slice(0, hash);
  const owner =
    name === "//"
      ? [...graph.packages.values()].find(({ path }) => path === "")
      : graph.byName.get(name)?.[0];
  return owner && { kind: "of", owner, task: text.slice(hash + 1) };
}

const fromRoot = "$TURBO_ROOT$/";

function negatives(globs: readonly string[] = []): GlobEntries {
  return globs
    .filter((glob) => glob.startsWith("!"))
    .map((glob) =>
      glob.startsWith(`!${fromRoot}`)
        ? { pattern: `!${glob.slice(1 + fromRoot.length)}`, base: "workspace" }
        : glob,
    );
}
