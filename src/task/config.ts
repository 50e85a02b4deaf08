import {
  type Document,
  describeField,
  type FieldPath,
  fieldError,
  locate,
} from "../base/document.ts";
import { parseDuration } from "../base/duration.ts";
import { UserError } from "../base/error.ts";
import { findShapeProblem } from "../base/schema.ts";
import {
  type ConfigData,
  cacheFieldNames,
  configShape,
  type DependsOnEntry,
  type GlobEntries,
  type TaskData,
  type TaskObjectData,
} from "./config-schema.ts";

/** A `vite-task.json`, checked, its shorthands written out. */
export type Config = {
  readonly cache: ConfigData["cache"];
  readonly enablePrePostScripts: boolean | undefined;
  readonly tasks: ReadonlyMap<string, TaskConfig>;
};

type TaskConfig = {
  /** Undefined: the script of the same name. */
  readonly commands: readonly string[] | undefined;
  /** As written, relative to the package. */
  readonly cwd: string;
  readonly dependsOn: readonly DependsOnEntry[];
  readonly timeoutMs: number | undefined;
  readonly cache: CacheConfig | false;
};

export type CacheConfig = {
  readonly env: readonly string[];
  readonly untrackedEnv: readonly string[];
  readonly input: GlobEntries | undefined;
  readonly output: GlobEntries | undefined;
  /** Where each setting stands, for errors. */
  readonly fields: Readonly<Record<"input" | "output", FieldPath>>;
};

/** Throws a UserError with file, line and column for the first thing that is wrong. */
export function parseConfig(document: Document): Config {
  const problem = findShapeProblem(document.data, configShape);
  if (problem !== undefined) throw fieldError(document, problem);
  const data = document.data as ConfigData;
  const tasks = new Map<string, TaskConfig>();
  for (const [name, value] of Object.entries(data.tasks ?? {})) {
    tasks.set(name, parseTask(document, name, value));
  }
  return { cache: data.cache, enablePrePostScripts: data.enablePrePostScripts, tasks };
}

function parseTask(document: Document, name: string, data: TaskData): TaskConfig {
  const field = ["tasks", name];
  if (name === "" || /\p{Cc}/u.test(name)) {
    const message = "is not a name for a task: it is empty or has control characters";
    throw fieldError(document, { field, part: "key", message });
  }
  const task: TaskObjectData = isTaskObject(data) ? data : { command: data };
  return {
    commands: typeof task.command === "string" ? [task.command] : task.command,
    cwd: task.cwd ?? "",
    dependsOn: task.dependsOn ?? [],
    timeoutMs: parseTimeout(document, field, task.timeout),
    cache: parseCache(document, field, task),
  };
}

/** No timer can be set for longer. */
const timeoutMsMax = 24 * 24 * 3_600_000;

function parseTimeout(
  document: Document,
  task: FieldPath,
  text: string | undefined,
): number | undefined {
  if (text === undefined) return undefined;
  const timeoutMs = parseDuration(text);
  if (timeoutMs !== undefined && timeoutMs <= timeoutMsMax) return timeoutMs;
  const message = `must be a time such as "90s", "10m" or "1h", at most 24 days, not ${JSON.stringify(text)}`;
  throw fieldError(document, { field: [...task, "timeout"], part: "value", message });
}

function isTaskObject(data: TaskData): data is TaskObjectData {
  return typeof data === "object" && !Array.isArray(data);
}

function parseCache(
  document: Document,
  field: FieldPath,
  task: TaskObjectData,
): CacheConfig | false {
  const flat = cacheFieldNames.filter((name) => task[name] !== undefined);
  if (task.cache === false) {
    const [name] = flat;
    if (name === undefined) return false;
    const message = "has no effect: `cache` is false for this task";
    throw fieldError(document, { field: [...field, name], part: "key", message });
  }
  const nested = typeof task.cache === "object" ? task.cache : {};
  const double = flat.find((name) => nested[name] !== undefined);
  if (double !== undefined) throw setTwice(document, field, double);
  const merged = { ...task, ...nested };
  const fieldOf = (name: (typeof cacheFieldNames)[number]): FieldPath =>
    nested[name] === undefined ? [...field, name] : [...field, "cache", name];
  return {
    env: parseNames(document, fieldOf("env"), merged.env),
    untrackedEnv: parseNames(document, fieldOf("untrackedEnv"), merged.untrackedEnv),
    input: merged.input,
    output: merged.output,
    fields: { input: fieldOf("input"), output: fieldOf("output") },
  };
}

/** Names and patterns of variables. */
function parseNames(
  document: Document,
  field: FieldPath,
  names: readonly string[] = [],
): readonly string[] {
  const index = names.findIndex((text) => /^!?(?:$|.*[=\0])/s.test(text));
  if (index === -1) return names;
  const name = names[index] ?? "";
  const [plain = "", value] = name.split("=");
  throw fieldError(document, {
    field: [...field, index],
    part: "value",
    message: `must be the name of a variable, not ${JSON.stringify(name)}`,
    ...(value !== undefined && {
      hint: `write ${JSON.stringify(plain)}; a value goes in front of the command: \`${name} <command>\``,
    }),
  });
}

function setTwice(document: Document, task: FieldPath, name: string): UserError {
  const places = [
    [...task, name],
    [...task, "cache", name],
  ].map((field) => ({ name: describeField(field), place: locate(document, field, "key") }));
  const [flat, nested] = places;
  return new UserError(
    `${flat?.place}: \`${flat?.name}\` is set a second time at ${nested?.place} (\`${nested?.name}\`)`,
    { code: document.code, hint: "keep one of the two" },
  );
}
