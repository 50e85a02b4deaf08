import type { Shape, ValueOf } from "../base/schema.ts";

/*
 * Everything that may stand in a `vite-task.json`, said once: `config.ts` checks against it, and
 * what editors and the documentation show is made from it.
 */

const names = { kind: "list", items: { kind: "text" } } as const;

const globs = {
  kind: "list",
  items: {
    kind: "either",
    shapes: [
      { kind: "text", about: "A glob, relative to the package; `!` in front takes away." },
      {
        kind: "object",
        fields: { auto: { kind: "boolean" } },
        required: ["auto"],
        about: "`true`: what the task was seen to do counts, too.",
      },
      {
        kind: "object",
        fields: {
          pattern: { kind: "text" },
          base: { kind: "choice", values: ["workspace", "package"] },
        },
        required: ["pattern", "base"],
        about: "A glob, relative to the workspace root or to the package.",
      },
    ],
  },
} as const;

const cacheFields = {
  env: {
    ...names,
    about: "Variables the task gets and depends on. `*` and `?` are wildcards, `!` takes away.",
  },
  untrackedEnv: {
    ...names,
    about: "Variables the task gets without depending on them.",
  },
  input: { ...globs, about: "Files the task depends on. Left out: those it was seen to read." },
  output: { ...globs, about: "Files the task makes. Left out: those it was seen to write." },
} as const;

const command = {
  kind: "either",
  shapes: [{ kind: "text" }, { kind: "list", items: { kind: "text" } }],
  about:
    "What to run; of several, each after the one before it ended well. Left out: the script of that name.",
} as const;

const dependencyField = {
  kind: "choice",
  values: ["dependencies", "devDependencies", "peerDependencies"],
} as const;

const dependsOn = {
  kind: "list",
  items: {
    kind: "either",
    shapes: [
      { kind: "text", about: "`task` of the same package, or `package#task`." },
      {
        kind: "object",
        fields: {
          task: { kind: "text" },
          from: {
            kind: "either",
            shapes: [dependencyField, { kind: "list", items: dependencyField, isNeverEmpty: true }],
          },
        },
        required: ["task", "from"],
        about: "That task of every package of the workspace which the fields name, if it has one.",
      },
    ],
  },
  about: "Tasks that must have ended well before this one starts.",
} as const;

const taskObject = {
  kind: "object",
  fields: {
    command,
    cwd: { kind: "text", about: "Where to run, relative to the package." },
    dependsOn,
    timeout: {
      kind: "text",
      about:
        "How long it may take, all its commands together: `90s`, `10m`, `1h`. Then it has failed.",
    },
    cache: {
      kind: "either",
      shapes: [{ kind: "boolean" }, { kind: "object", fields: cacheFields }],
      about: "`false`: never cached. An object holds the four settings below.",
    },
    ...cacheFields,
  },
} as const;

const task = {
  kind: "either",
  shapes: [{ kind: "text" }, { kind: "list", items: { kind: "text" } }, taskObject],
} as const;

export const configShape = {
  kind: "object",
  fields: {
    $schema: { kind: "text", about: "For editors; vt does not read it." },
    cache: {
      kind: "either",
      shapes: [
        { kind: "boolean" },
        {
          kind: "object",
          fields: {
            scripts: { kind: "boolean", about: "Whether scripts are cached. Default: false." },
            tasks: { kind: "boolean", about: "Whether tasks are cached. Default: true." },
          },
        },
      ],
      about: "What is cached. Only in the workspace root.",
    },
    enablePrePostScripts: {
      kind: "boolean",
      about:
        "Whether `prex` and `postx` run around the script `x`. Only in the workspace root. Default: true.",
    },
    tasks: { kind: "map", values: task, about: "Tasks by name." },
  },
} as const satisfies Shape;

/** The settings a task may have either by itself or inside `cache`. */
export const cacheFieldNames = ["env", "untrackedEnv", "input", "output"] as const;

export type ConfigData = ValueOf<typeof configShape>;
export type TaskData = ValueOf<typeof task>;
export type TaskObjectData = ValueOf<typeof taskObject>;
export type GlobEntries = ValueOf<typeof globs>;
export type DependsOnEntry = ValueOf<typeof dependsOn>[number];
