import type { Package } from "../workspace/package-graph.ts";
import { automatic } from "./glob-config.ts";
import type { Task } from "./task.ts";

/**
 * The scripts of a package as tasks with all defaults. With `hooks` on, `prex` and `postx` go around
 * `x`; only one level deep, and only scripts among themselves.
 */
export function scriptTasks(from: Package, hooks: "on" | "off"): readonly Task[] {
  const { scripts } = from.manifest;
  return [...scripts].map(([name, text]): Task => {
    const pre = hooks === "on" ? scripts.get(`pre${name}`) : undefined;
    const post = hooks === "on" ? scripts.get(`post${name}`) : undefined;
    return {
      id: { packagePath: from.path, packageName: from.name, task: name },
      origin: "script",
      commands: [text],
      cwd: from.directory,
      dependencies: [],
      cache: { env: [], untrackedEnv: [], input: automatic, output: automatic },
      hooks: { ...(pre !== undefined && { pre }), ...(post !== undefined && { post }) },
    };
  });
}
