import type { FilesRead } from "../base/document.ts";
import type { WorkspacePath } from "../base/path.ts";
import { readAhead } from "../native/read-ahead.ts";
import type { Package } from "../workspace/package-graph.ts";
import { configPath, readConfigFile } from "./config-file.ts";
import { displayTaskId, type TaskId } from "./task.ts";

export type NamedTask = { readonly id: TaskId; readonly commands: readonly string[] };

/** Of a name its commands; undefined where those are the script's. */
type Commands = readonly (readonly [task: string, commands: readonly string[] | undefined])[];

/**
 * The tasks and scripts of packages, just read: nothing is checked that need not be, nothing resolved and no
 * package compared with another, so it takes a fraction of the time. Throws a UserError for a
 * configuration that cannot be read.
 */
export function nameTasks(packages: readonly Package[]): readonly NamedTask[] {
  const files = readAhead(packages.map(({ directory }) => configPath(directory)));
  return packages.flatMap((from) => {
    const scripts = new Map(
      [...from.manifest.scripts].map(([task, text]) => [task, [text]] as const),
    );
    const own = commandsOf(from, files).map(
      ([task, commands]) => [task, commands ?? scripts.get(task) ?? []] as const,
    );
    return [...new Map([...own, ...scripts])].map(([task, commands]) => ({
      id: { packagePath: from.path, packageName: from.name, task },
      commands,
    }));
  });
}

function commandsOf({ path, directory }: Package, files: FilesRead): Commands {
  const bytes = files.get(configPath(directory));
  const quick = bytes && readQuickly(bytes);
  if (quick !== undefined) return quick;
  const file = readConfigFile(directory, path === "" ? "root" : "package", files);
  return [...(file?.config.tasks ?? [])].map(([task, { commands }]) => [task, commands]);
}

/** By the engine's own parser. Undefined for a file with comments, or one that it cannot make sense of. */
function readQuickly(bytes: Uint8Array): Commands | undefined {
  try {
    const data: unknown = JSON.parse(Buffer.from(bytes).toString());
    return Object.entries(fieldOf(data, "tasks") ?? {}).map(([task, value]) => [
      task,
      textsOf(value) ?? textsOf(fieldOf(value, "command")),
    ]);
  } catch {
    return undefined;
  }
}

function fieldOf(data: unknown, name: string): object | string | undefined {
  if (typeof data !== "object" || data === null) return undefined;
  return (data as Readonly<Record<string, object | string>>)[name];
}

function textsOf(value: unknown): readonly string[] | undefined {
  if (typeof value === "string") return [value];
  if (!Array.isArray(value)) return undefined;
  return value.filter((text) => typeof text === "string");
}

/** What to type for a task in the package `here`: the bare name of one of its own. */
export function typedName(id: TaskId, here: WorkspacePath | undefined): string {
  if (id.packagePath === here) return id.task;
  return id.packageName === "" ? `#${id.task}` : displayTaskId(id);
}
