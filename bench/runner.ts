import { rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import type { Rival } from "./rivals.ts";
import type { ConfigureWorkspace } from "./workspace.ts";

/** A task runner as it builds a measured workspace. */
export type Runner = {
  readonly name: string;
  readonly program: string;
  /** Runs `build` in every package, dependencies first, four at a time. */
  readonly command: readonly string[];
  /** Its own files, and that everything is to be cached. */
  readonly configure: ConfigureWorkspace;
  /** What of it has to be in `node_modules`. */
  readonly link: (root: string) => void;
  readonly clearCache: (root: string) => void;
};

export const concurrency = 4;

/** vt first, then the rivals. */
export function allRunners(vt: string, rivals: readonly Rival[]): readonly Runner[] {
  const found = rivals.map((rival) => (rival.name === "vp" ? vpRunner(rival) : turboRunner(rival)));
  return [vtRunner(vt), ...found];
}

function vtRunner(program: string): Runner {
  return {
    name: "vt",
    program,
    command: [program, "run", "-r", "--concurrency-limit", String(concurrency), "build"],
    configure: (write) => write("vite-task.json", JSON.stringify({ cache: true })),
    link: () => undefined,
    clearCache: (root) => remove(root, "node_modules/.vt"),
  };
}

function vpRunner({ program, modules }: Rival): Runner {
  return {
    name: "vp",
    program,
    command: [program, "run", "-r", "--concurrency-limit", String(concurrency), "build"],
    configure: (write) => write("vite.config.ts", "export default { run: { cache: true } };\n"),
    link: (root) => {
      for (const name of ["vite", "vite-plus"])
        symlinkSync(join(modules, name), join(root, "node_modules", name));
    },
    clearCache: (root) => remove(root, "node_modules/.vite"),
  };
}

function turboRunner({ program }: Rival): Runner {
  const build = { dependsOn: ["^build"], inputs: ["src/**"], outputs: ["dist/**"] };
  return {
    name: "turbo",
    program,
    command: [program, "run", "build", `--concurrency=${concurrency}`],
    configure: (write) => write("turbo.json", JSON.stringify({ tasks: { build } })),
    link: () => undefined,
    clearCache: (root) => remove(root, ".turbo"),
  };
}

function remove(root: string, path: string): void {
  rmSync(join(root, path), { recursive: true, force: true });
}
